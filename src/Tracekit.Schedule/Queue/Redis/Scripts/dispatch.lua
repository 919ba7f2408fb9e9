-- Dispatches heads of the line, in order, to the nodes that the scheduler's policy chose. ARGV = fencing token, version that was decided on,
-- then for each task: head as it stands in the line, what to send, id, node, units, takes a slot (1|0), node keeps records (1|0), dispatch.
-- The order of dispatch is kept in a log: id and attempt, the newest only.
-- When anything is not as it was decided on, that task and the rest stay as they are. Returns {word, tasks dispatched, version}.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return { 'fenced', 0, '' } end
local version = redis.call('GET', P .. 'version') or '0'
if version ~= ARGV[2] then return { 'moved', 0, version } end
local done = 0
for i = 3, #ARGV, 8 do
  local head, json, id, node, units, slot = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  if redis.call('LINDEX', 'q:pending', 0) ~= head then return { 'moved', done, version } end
  if tonumber(redis.call('GET', 'cap:' .. node) or 0) < tonumber(units) then return { 'moved', done, version } end
  if slot == '1' and redis.call('LREM', 'slots:available', 1, node) == 0 then return { 'moved', done, version } end
  redis.call('LPOP', 'q:pending')
  redis.call('DECRBY', 'cap:' .. node, units)
  redis.call('INCR', 'run_count:' .. node)
  if ARGV[i + 6] == '1' then
    local order = redis.call('INCR', P .. 'order')
    local attempt = redis.call('HINCRBY', task_key(id), 'attempt', 1)
    redis.call('HSETNX', task_key(id), 'order', order)
    redis.call('HSET', task_key(id), 'json', json, 'node', node, 'state', 'dispatched', 'units', units, 'slot', slot, 'dispatch', ARGV[i + 7])
    redis.call('SADD', P .. 'on:' .. node, id)
    redis.call('RPUSH', P .. 'log', id .. ' ' .. attempt)
  end
  redis.call('RPUSH', 'q:' .. node, json)
  done = done + 1
end
redis.call('LTRIM', P .. 'log', -LOG_LENGTH, -1)
return { 'ok', done, version }
