-- Dispatches heads of the line, in order, to the nodes that the scheduler's policy chose. ARGV = fencing token, version that was decided on,
-- then for each task: head as it stands in the line, what to send ('' for the head itself), id, node, units, takes a slot (1|0), node keeps records
-- (1|0), dispatch. When anything is not as it was decided on, that task and the rest stay as they are. Returns {word, tasks dispatched, version}.
-- The order of dispatch is kept in a log: id and attempt, the newest only.
-- What many tasks do to one key is done at once: nobody sees what is between, and a call costs more than what it does.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return { 'fenced', 0, '' } end
local version = redis.call('GET', P .. 'version') or '0'
if version ~= ARGV[2] then return { 'moved', 0, version } end
local wanted = (#ARGV - 2) / 8
local heads = redis.call('LRANGE', 'q:pending', 0, wanted - 1)
local order = redis.call('INCRBY', P .. 'order', wanted) - wanted
local word, done, nodes, log = 'ok', 0, {}, {}
for i = 3, #ARGV, 8 do
  local head, json, id, node, units, slot = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4]), ARGV[i + 5]
  local to = nodes[node]
  if not to then
    to = { free = tonumber(redis.call('GET', 'cap:' .. node) or 0), units = 0, tasks = {}, ids = {} }
    nodes[node] = to
  end
  if heads[done + 1] ~= head or to.free < units or (slot == '1' and redis.call('LREM', 'slots:available', 1, node) == 0) then
    word = 'moved'
    break
  end
  done = done + 1
  if json == '' then json = head end
  to.free = to.free - units
  to.units = to.units + units
  to.tasks[#to.tasks + 1] = json
  if ARGV[i + 6] == '1' then
    local key = task_key(id)
    local before = redis.call('HMGET', key, 'attempt', 'order')
    local attempt = (before[1] or 0) + 1
    log[#log + 1] = id .. ' ' .. attempt
    redis.call('HSET', key, 'json', json, 'node', node, 'state', 'dispatched', 'units', units, 'slot', slot, 'dispatch', ARGV[i + 7],
      'attempt', attempt, 'order', before[2] or order + done)
    to.ids[#to.ids + 1] = id
  else
    hand_over(ARGV[i + 7], node, 1)
  end
end
for node, to in pairs(nodes) do
  if #to.tasks > 0 then
    redis.call('DECRBY', 'cap:' .. node, to.units)
    redis.call('INCRBY', 'run_count:' .. node, #to.tasks)
    if #to.ids > 0 then redis.call('SADD', P .. 'on:' .. node, unpack(to.ids)) end
    redis.call('RPUSH', 'q:' .. node, unpack(to.tasks))
  end
end
if done > 0 then redis.call('LTRIM', 'q:pending', done, -1) end
if #log > 0 then
  redis.call('RPUSH', P .. 'log', unpack(log))
  redis.call('LTRIM', P .. 'log', -LOG_LENGTH, -1)
end
return { word, done, version }
