-- A task has ended. ARGV = node, id, attempt, outcome (succeeded|failed|returned), result JSON, most attempts.
-- Accepted once, and from the attempt that holds the task only. Returns 'accepted', 'again' (this very result was accepted before) or 'stale'.
local node, id, attempt, outcome = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local h = redis.call('HMGET', task_key(id), 'node', 'attempt', 'units', 'slot', 'dispatch', 'order', 'json', 'state')
if h[1] ~= node or h[2] ~= attempt then
  local result = redis.call('HGET', P .. 'results', id)
  if result then
    local r = cjson.decode(result)
    if r.node == node and tostring(r.attempt) == attempt then return 'again' end
  end
  redis.call('HINCRBY', P .. 'counts', 'rejected', 1)
  return 'stale'
end
if h[8] ~= 'running' then
  -- A server that lost its last second knows nothing of the start: the task waits once more.
  redis.call('LREM', 'q:' .. node, 1, h[7])
  redis.call('LREM', P .. 'inbox:' .. node, 1, h[7])
end
redis.call('SREM', P .. 'on:' .. node, id)
give_back(node, h[3], h[4])
if outcome == 'returned' then
  -- It never started: the attempt does not count.
  redis.call('HINCRBY', task_key(id), 'attempt', -1)
  redis.call('HSET', task_key(id), 'node', '', 'state', 'pending')
  to_head({ { h[7], tonumber(h[6]) } })
else
  redis.call('DEL', task_key(id))
  -- A result is kept once, however often its task was pushed, and the oldest makes room.
  if redis.call('HSET', P .. 'results', id, ARGV[5]) == 1 and redis.call('RPUSH', P .. 'result_order', id) > RESULTS_KEPT then
    redis.call('HDEL', P .. 'results', redis.call('LPOP', P .. 'result_order'))
  end
  count(h[5], outcome, 1)
end
node_changed(node)
wake()
return 'accepted'
