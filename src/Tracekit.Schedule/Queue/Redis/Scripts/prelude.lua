-- Shared by all scripts. Every script is one atomic step: Redis runs it to its end before anything else.
-- Keys of the contract are as they are; ours begin with 'tracekit:'.
local P = 'tracekit:'

-- The order of the last dispatches, to be looked at when something seems out of order.
local LOG_LENGTH = 1000

-- The newest results that are kept; a dispatch is forgotten when nothing of it has changed for that long.
local RESULTS_KEPT = 100000
local DISPATCH_KEPT_S = 30 * 24 * 3600

-- What a task may ask for; one that asks for something else is refused by its worker, and counts as one unit until then.
local MOST_UNITS = 65536

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Whoever waits looks again.
local function wake() redis.call('PUBLISH', P .. 'wake', '') end

-- What a scheduler knows of a node is outdated: the version grows. It asks for the nodes that changed since the version it knows.
local function node_changed(node) redis.call('ZADD', P .. 'changed', redis.call('INCR', P .. 'version'), node) end

-- Nodes came or went: all have to be read.
local function nodes_changed() node_changed('') end

local function task_key(id) return P .. 'task:' .. id end

-- The id in a task's JSON, or nil. A task that is no JSON object has none.
local function id_of(json)
  local ok, task = pcall(cjson.decode, json)
  if ok and type(task) == 'table' and type(task.id) == 'string' then return task.id end
  return nil
end

-- The dispatch in a task's JSON, or ''.
local function dispatch_of(json)
  local ok, task = pcall(cjson.decode, json)
  return ok and type(task) == 'table' and type(task.dispatch) == 'string' and task.dispatch or ''
end

local function count(dispatch, field, by)
  redis.call('HINCRBY', P .. 'counts', field, by)
  if dispatch and dispatch ~= '' then
    redis.call('HINCRBY', P .. 'dispatch:' .. dispatch, field, by)
    redis.call('EXPIRE', P .. 'dispatch:' .. dispatch, DISPATCH_KEPT_S)
  end
end

-- A task went to a node that keeps no records with us: how it ends, nobody will hear. Of each node, too, for one that keeps records may take its place.
local function hand_over(dispatch, node, by)
  count(dispatch, 'handed_over', by)
  if dispatch ~= '' then redis.call('HINCRBY', P .. 'dispatch:' .. dispatch, 'handed_over:' .. node, by) end
end

-- How many free slots of a node there are.
local function free_slots(node)
  local free = 0
  for _, owner in ipairs(redis.call('LRANGE', 'slots:available', 0, -1)) do if owner == node then free = free + 1 end end
  return free
end

-- What a dispatched task holds of its node goes back to it; a node that left has nothing to give back to.
-- Never more than the node has: a task that was sent past every scheduler by a plain push took nothing.
local function give_back(node, units, slot)
  local total = tonumber(redis.call('GET', 'cap_total:' .. node))
  if not total then return end
  if redis.call('INCRBY', 'cap:' .. node, units) > total then redis.call('SET', 'cap:' .. node, total) end
  if redis.call('DECR', 'run_count:' .. node) < 0 then redis.call('SET', 'run_count:' .. node, 0) end
  if slot == '1' and free_slots(node) < tonumber(redis.call('HGET', P .. 'node_slots', node) or 0) then
    redis.call('RPUSH', 'slots:available', node)
  end
end

-- Back to the head of the line, each behind those that were dispatched before it and came back too. back = {{json, order}…}, ascending by order.
local function to_head(back)
  if #back == 0 then return end
  local line, last = {}, back[#back][2]
  while true do
    local head = redis.call('LINDEX', 'q:pending', 0)
    local id = head and id_of(head)
    local order = tonumber(id and redis.call('HGET', task_key(id), 'order') or nil)
    if not order or order > last then break end
    line[#line + 1] = { redis.call('LPOP', 'q:pending'), order }
  end
  local i, j = #line, #back
  while i > 0 or j > 0 do
    if j == 0 or (i > 0 and line[i][2] > back[j][2]) then
      redis.call('LPUSH', 'q:pending', line[i][1])
      i = i - 1
    else
      redis.call('LPUSH', 'q:pending', back[j][1])
      j = j - 1
    end
  end
end

local function bury(json, id, dispatch, attempt, node, reason)
  redis.call('RPUSH', P .. 'dead', cjson.encode({
    task = json, id = id, attempts = tonumber(attempt), node = node, reason = reason, ts_ms = now_ms() }))
  count(dispatch, 'dead', 1)
end

-- Takes a dispatched task away from its node; after its last attempt it goes to the dead letters. Returns its JSON when it is to go back to the line.
local function take_back(id, max_attempts, reason)
  local h = redis.call('HMGET', task_key(id), 'json', 'node', 'attempt', 'units', 'slot', 'order', 'dispatch', 'state')
  local json, node, attempt = h[1], h[2], h[3]
  if not json or node == '' then return nil end
  if h[8] ~= 'running' then
    redis.call('LREM', 'q:' .. node, 1, json)
    redis.call('LREM', P .. 'inbox:' .. node, 1, json)
  end
  give_back(node, h[4], h[5])
  if tonumber(attempt) >= tonumber(max_attempts) then
    redis.call('DEL', task_key(id))
    bury(json, id, h[7], attempt, node, reason)
    return nil
  end
  redis.call('HSET', task_key(id), 'node', '', 'state', 'pending')
  count(h[7], 'requeued', 1)
  return json
end

-- Everything that a node holds goes back, oldest dispatch first at the head.
local function take_all_back(node, max_attempts, reason)
  local ids = redis.call('SMEMBERS', P .. 'on:' .. node)
  local orders, back = {}, {}
  for _, id in ipairs(ids) do orders[id] = tonumber(redis.call('HGET', task_key(id), 'order') or 0) end
  table.sort(ids, function(a, b) return orders[a] < orders[b] end)
  for _, id in ipairs(ids) do
    local json = take_back(id, max_attempts, reason)
    if json then back[#back + 1] = { json, orders[id] } end
  end
  to_head(back)
  redis.call('DEL', P .. 'on:' .. node)
  node_changed(node)
  return #ids
end

-- A node leaves: no capacity and no slot of it may be given out any more.
local function forget(node)
  redis.call('LREM', 'slots:available', 0, node)
  redis.call('DEL', 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node, 'phys:' .. node, 'ratio:' .. node, P .. 'alive:' .. node)
  redis.call('ZREM', P .. 'changed', node)
  nodes_changed()
  redis.call('HDEL', P .. 'nodes', node)
  redis.call('HDEL', P .. 'node_slots', node)
end
