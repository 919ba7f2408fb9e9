-- Puts tasks at the tail of the pending line, each once: ARGV = dispatch id, number of the first task, limit of the line (0: none), task JSON…
-- A dispatcher that lost the reply, or was killed and started again, may send the same tasks again. Returns how many of the dispatch are in.
local dispatch, first, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local key = P .. 'dispatch:' .. dispatch
local pushed = tonumber(redis.call('HGET', key, 'pushed') or 0)
local before = pushed
for i = 4, #ARGV do
  local number = first + i - 4
  if number == pushed then
    if limit > 0 and redis.call('LLEN', 'q:pending') >= limit then break end
    redis.call('RPUSH', 'q:pending', ARGV[i])
    pushed = pushed + 1
  end
end
if pushed > before then
  redis.call('HSET', key, 'pushed', pushed)
  redis.call('EXPIRE', key, DISPATCH_KEPT_S)
  redis.call('HINCRBY', P .. 'counts', 'pushed', pushed - before)
  wake()
end
return pushed
