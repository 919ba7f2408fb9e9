-- A worker takes what it moved to its inbox. ARGV = node, worker, task JSON, id to give a task that has none, units of such a task.
-- Returns {'run', id, attempt, slot, dispatch}, or {'stale'} when the task was taken away in the meantime.
local node, json = ARGV[1], ARGV[3]
local was_there = redis.call('LREM', P .. 'inbox:' .. node, 1, json) == 1
local id = id_of(json) or ARGV[4]
local h = redis.call('HMGET', task_key(id), 'node', 'attempt', 'slot', 'dispatch', 'state')
if h[2] then
  if h[1] ~= node then return { 'stale' } end
  redis.call('HSET', task_key(id), 'state', 'running', 'worker', ARGV[2], 'started_ms', now_ms())
  return { 'run', id, h[2], h[3], h[4] or '' }
end

-- Without a record and not in the inbox any more, it was taken back, and has ended elsewhere.
if not was_there then return { 'stale' } end

-- From a scheduler that keeps no records. It took a slot if slots are in use on this node.
local dispatch = dispatch_of(json)
if dispatch ~= '' and tonumber(redis.call('HGET', P .. 'dispatch:' .. dispatch, 'handed_over:' .. node) or 0) > 0 then
  -- It was given to a plain node whose place this one took: now somebody will hear how it ends.
  hand_over(dispatch, node, -1)
end
local slot = tonumber(redis.call('HGET', P .. 'node_slots', node) or 0) > 0 and '1' or '0'
redis.call('HSET', task_key(id), 'json', json, 'node', node, 'attempt', 1, 'state', 'running', 'units', ARGV[5], 'slot', slot,
  'order', redis.call('INCR', P .. 'order'), 'dispatch', dispatch, 'worker', ARGV[2], 'started_ms', now_ms())
redis.call('SADD', P .. 'on:' .. node, id)
return { 'run', id, '1', slot, dispatch }
