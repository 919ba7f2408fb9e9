-- One scheduler leads. ARGV = token ('' to ask for one), lease in ms, most attempts, what nobody else has (for a new token).
-- Who leads also looks for nodes whose worker has not been heard of for its lease: they are gone, their tasks go back. Plain nodes that are gone are
-- forgotten, too. Returns {'stands by', ms that the leader's lease still has} or {'leads', token, then node and tasks taken back of each that is gone…}.
local leader = redis.call('GET', P .. 'scheduler')
if leader and leader ~= ARGV[1] then
  -- A write that changes nothing: one who waits at a replica is told so now.
  redis.call('HDEL', P .. 'counts', '')
  return { 'stands by', redis.call('PTTL', P .. 'scheduler') }
end
-- The number grows; where a server lost its data and counts anew, the rest tells tokens apart.
local token = leader or (redis.call('INCR', P .. 'epoch') .. '-' .. ARGV[4])
redis.call('SET', P .. 'scheduler', token, 'PX', ARGV[2])
local answer = { 'leads', token }
for _, node in ipairs(redis.call('HKEYS', P .. 'nodes')) do
  if redis.call('EXISTS', P .. 'alive:' .. node) == 0 then
    answer[#answer + 1] = node
    answer[#answer + 1] = take_all_back(node, ARGV[3], 'its worker is gone')
    forget(node)
  end
end
-- A plain node says by its capacity alone that it is there. With nothing to do and no token it works without slots now.
for _, node in ipairs(redis.call('SMEMBERS', P .. 'plain_slots')) do
  local is_idle = tonumber(redis.call('GET', 'run_count:' .. node) or 0) == 0
  if redis.call('EXISTS', 'cap:' .. node) == 0 or (is_idle and free_slots(node) == 0) then redis.call('SREM', P .. 'plain_slots', node) end
end
if #answer > 2 then wake() end
return answer
