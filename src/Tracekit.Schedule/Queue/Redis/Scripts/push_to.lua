-- Sends a task to a node past the scheduler, once. ARGV = dispatch id, number of the task, node, task JSON, its id, units.
-- It takes capacity like any other, below 0 if need be; a node that is still to come counts what waits in its queue when it registers.
local dispatch, number, node, json, id, units = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local key = P .. 'dispatch:' .. dispatch
local pushed = tonumber(redis.call('HGET', key, 'pushed') or 0)
if number ~= pushed then return pushed end
local slot = 0
if redis.call('EXISTS', 'cap_total:' .. node) == 1 then
  redis.call('DECRBY', 'cap:' .. node, units)
  redis.call('INCR', 'run_count:' .. node)
  slot = redis.call('LREM', 'slots:available', 1, node)
end
if redis.call('HEXISTS', P .. 'nodes', node) == 1 then
  redis.call('HSET', task_key(id), 'json', json, 'node', node, 'attempt', 1, 'state', 'dispatched', 'units', units, 'slot', slot,
    'order', redis.call('INCR', P .. 'order'), 'dispatch', dispatch)
  redis.call('SADD', P .. 'on:' .. node, id)
else
  hand_over(dispatch, node, 1)
end
redis.call('RPUSH', 'q:' .. node, json)
redis.call('HSET', key, 'pushed', pushed + 1)
redis.call('EXPIRE', key, DISPATCH_KEPT_S)
redis.call('HINCRBY', P .. 'counts', 'pushed', 1)
node_changed(node)
wake()
return pushed + 1
