-- Dispatches heads of the line, in order, to the nodes that the scheduler's policy chose, and returns what it is to decide on next.
-- ARGV = fencing token, version that was decided on ('' for none), how many heads are wanted, number of plain nodes, those nodes…, then for each task:
-- head as it stands in the line, what to send ('' for the head itself), id, node, units, takes a slot (1|0), node keeps records (1|0), dispatch.
-- When anything is not as it was decided on, that task and the rest stay as they are.
-- Returns {'fenced'} or {word, tasks dispatched, version, {head…}, all nodes follow (1) or those that changed since (0),
-- {{node, capacity free, capacity total, run count, alive: 1, lapsed: 0, keeps no records: 2, its free slots (-1: it works without)}…}}.
-- Words: 'ok'; 'held': a task of that id is dispatched already; 'moved': another version; 'differs': the same version, but something else, so that more than what changed must be read.
-- The order of dispatch is kept in a log: id and attempt, the newest only.
-- What many tasks do to one key is done at once: nobody sees what is between, and a call costs more than what it does.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return { 'fenced' } end
local decided, wanted, plain_nodes = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local FIRST, FIELDS = 5 + plain_nodes, 8
local is_plain = {}
for i = 5, 4 + plain_nodes do is_plain[ARGV[i]] = true end

-- Left to the server, a number takes the long way over a fraction.
local function integer(n) return string.format('%d', n) end

local NONE = {}

-- With many nodes most get one task of a batch: a list is made for the second one only.
local function append(lists, n, item)
  local list = lists[n]
  if not list then lists[n] = item
  elseif type(list) == 'string' then lists[n] = { list, item }
  else list[#list + 1] = item end
end

local function call_with(command, key, items)
  if type(items) == 'string' then redis.call(command, key, items) else redis.call(command, key, unpack(items)) end
end

local function dispatch()
  local names, index, keys, records = {}, {}, {}, {}
  for i = FIRST, #ARGV, FIELDS do
    local node = ARGV[i + 3]
    if ARGV[i + 6] == '1' then records[#records + 1] = task_key(ARGV[i + 2]) end
    if not index[node] then
      local n = #names + 1
      names[n], index[node] = node, n
      keys[n * 3 - 2], keys[n * 3 - 1], keys[n * 3] = 'cap:' .. node, 'run_count:' .. node, P .. 'alive:' .. node
    end
  end
  local values = redis.call('MGET', unpack(keys))
  local free, taken = {}, {}
  for n = 1, #names do free[n], taken[n] = tonumber(values[n * 3 - 2] or 0) or 0, 0 end

  -- Mostly none was dispatched before.
  local any_known = #records > 0 and redis.call('EXISTS', unpack(records)) > 0
  local tasks = (#ARGV - FIRST + 1) / FIELDS
  local heads = redis.call('LRANGE', 'q:pending', 0, tasks - 1)
  local order = redis.call('INCRBY', P .. 'order', tasks) - tasks
  local word, done, log, queues, ids, seen = 'ok', 0, {}, {}, {}, {}
  for i = FIRST, #ARGV, FIELDS do
    local head, json, id, node, units, slot = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4]), ARGV[i + 5]
    local keeps_records, n = ARGV[i + 6] == '1', index[node]
    if keeps_records and not values[n * 3] then
      node_changed(node)
      word = 'moved'
      break
    end
    if heads[done + 1] ~= head or free[n] < units or (slot == '1' and redis.call('LREM', 'slots:available', 1, node) == 0) then
      word = 'differs'
      break
    end
    local key = task_key(id)
    local before = keeps_records and any_known and redis.call('HMGET', key, 'attempt', 'order', 'node') or NONE
    if seen[id] or (before[3] and before[3] ~= '') then
      if slot == '1' then redis.call('RPUSH', 'slots:available', node) end
      word = 'held'
      break
    end
    seen[id] = keeps_records
    done = done + 1
    if json == '' then json = head end
    free[n], taken[n] = free[n] - units, taken[n] + 1
    append(queues, n, json)
    if keeps_records then
      local attempt = before[1] and integer(before[1] + 1) or '1'
      log[#log + 1] = id .. ' ' .. attempt
      redis.call('HSET', key, 'json', json, 'node', node, 'state', 'dispatched', 'units', ARGV[i + 4], 'slot', slot, 'dispatch', ARGV[i + 7],
        'attempt', attempt, 'order', before[2] or integer(order + done))
      append(ids, n, id)
    else
      hand_over(ARGV[i + 7], node, 1)
    end
  end
  if done == 0 then return word, done end

  local accounts = {}
  for n, node in ipairs(names) do
    if taken[n] > 0 then
      local k = #accounts
      accounts[k + 1], accounts[k + 2] = keys[n * 3 - 2], integer(free[n])
      accounts[k + 3], accounts[k + 4] = keys[n * 3 - 1], integer((tonumber(values[n * 3 - 1] or 0) or 0) + taken[n])
      if ids[n] then call_with('SADD', P .. 'on:' .. node, ids[n]) end
      call_with('RPUSH', 'q:' .. node, queues[n])
    end
  end
  redis.call('MSET', unpack(accounts))
  redis.call('LTRIM', 'q:pending', done, -1)
  if #log > 0 then
    redis.call('RPUSH', P .. 'log', unpack(log))
    redis.call('LTRIM', P .. 'log', -LOG_LENGTH, -1)
  end
  return word, done
end

-- Names of our nodes that are to be told of, and whether that is all of them.
local function names_since(version)
  if decided ~= '' and tonumber(version) >= tonumber(decided) then
    local names = redis.call('ZRANGEBYSCORE', P .. 'changed', '(' .. decided, '+inf')
    local of_ours, membership = {}, false
    for _, node in ipairs(names) do
      if node == '' then membership = true elseif not is_plain[node] then of_ours[#of_ours + 1] = node end
    end
    if not membership then return of_ours, 0 end
  end
  return redis.call('HKEYS', P .. 'nodes'), 1
end

local tokens = redis.call('LLEN', 'slots:available')

-- A plain node that was once seen with a slot works with slots, also while all of them are taken.
local function free_slots_of(nodes, first_plain)
  local in_use, any = {}, #nodes >= first_plain
  if first_plain > 1 then
    for i, slots in ipairs(redis.call('HMGET', P .. 'node_slots', unpack(nodes, 1, first_plain - 1))) do
      in_use[nodes[i]] = tonumber(slots or 0) > 0
      any = any or in_use[nodes[i]]
    end
  end
  local free = {}
  if any and tokens > 0 then
    for _, node in ipairs(redis.call('LRANGE', 'slots:available', 0, -1)) do free[node] = (free[node] or 0) + 1 end
  end
  for i = first_plain, #nodes do
    local node = nodes[i]
    if free[node] then redis.call('SADD', P .. 'plain_slots', node) end
    in_use[node] = free[node] or redis.call('SISMEMBER', P .. 'plain_slots', node) == 1
  end
  for _, node in ipairs(nodes) do free[node] = in_use[node] and (free[node] or 0) or -1 end
  return free
end

-- Many nodes in one MGET: with a thousand of them, calls are what this costs.
local function rows_of(nodes, first_plain)
  local rows, AT_ONCE = {}, 1000
  for first = 1, #nodes, AT_ONCE do
    local last = math.min(first + AT_ONCE - 1, #nodes)
    local chunk, keys = { unpack(nodes, first, last) }, {}
    for _, node in ipairs(chunk) do
      local k = #keys
      keys[k + 1], keys[k + 2], keys[k + 3], keys[k + 4] = 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node, P .. 'alive:' .. node
    end
    local values = redis.call('MGET', unpack(keys))
    local free = free_slots_of(chunk, math.max(1, math.min(first_plain - first + 1, #chunk + 1)))
    for i, node in ipairs(chunk) do
      local k = (i - 1) * 4
      local kind = first + i - 1 >= first_plain and 2 or values[k + 4] and 1 or 0
      rows[#rows + 1] = { node, values[k + 1] or '0', values[k + 2] or values[k + 1] or '0', values[k + 3] or '0', kind, free[node] }
    end
  end
  return rows
end

local word, done = 'ok', 0
if #ARGV >= FIRST then
  if (redis.call('GET', P .. 'version') or '0') == decided then word, done = dispatch() else word = 'moved' end
end
if word == 'differs' then decided = '' end
local version = redis.call('GET', P .. 'version') or '0'
local nodes, all = names_since(version)
local first_plain = #nodes + 1
if all == 1 then for _, node in ipairs(nodes) do is_plain[node] = nil end end
for i = 5, 4 + plain_nodes do if is_plain[ARGV[i]] then nodes[#nodes + 1] = ARGV[i] end end
return { word, done, version, redis.call('LRANGE', 'q:pending', 0, wanted - 1), all, rows_of(nodes, first_plain) }
