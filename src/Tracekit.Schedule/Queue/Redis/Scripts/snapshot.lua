-- The queues at one instant. ARGV = dispatch whose results are counted ('' for all).
-- Returns {pending, succeeded, failed, dead, {{node, capacity free, total, run count, slots in all, waiting}…}, handed over to nodes that report no results}.
local counts = redis.call('HMGET', ARGV[1] == '' and P .. 'counts' or P .. 'dispatch:' .. ARGV[1], 'succeeded', 'failed', 'dead', 'handed_over')
local rows = {}
for _, node in ipairs(redis.call('HKEYS', P .. 'nodes')) do
  local cap = redis.call('MGET', 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node)
  rows[#rows + 1] = { node, cap[1] or '0', cap[2] or '0', cap[3] or '0', redis.call('HGET', P .. 'node_slots', node) or '0',
    redis.call('LLEN', 'q:' .. node) + redis.call('LLEN', P .. 'inbox:' .. node) }
end
return { redis.call('LLEN', 'q:pending'), counts[1] or '0', counts[2] or '0', counts[3] or '0', rows, counts[4] or '0' }
