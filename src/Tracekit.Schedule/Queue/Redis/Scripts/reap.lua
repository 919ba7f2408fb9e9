-- Nodes whose worker has not been heard of for its lease are gone; their tasks go back. ARGV = fencing token, most attempts.
-- Plain nodes that are gone are forgotten, too. Returns {'fenced'} or {'ok', node, tasks taken back, …}.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return { 'fenced' } end
local answer = { 'ok' }
for _, node in ipairs(redis.call('HKEYS', P .. 'nodes')) do
  if redis.call('EXISTS', P .. 'alive:' .. node) == 0 then
    answer[#answer + 1] = node
    answer[#answer + 1] = take_all_back(node, ARGV[2], 'its worker is gone')
    forget(node)
  end
end
-- A plain node says by its capacity alone that it is there.
for _, node in ipairs(redis.call('SMEMBERS', P .. 'plain_slots')) do
  if redis.call('EXISTS', 'cap:' .. node) == 0 then redis.call('SREM', P .. 'plain_slots', node) end
end
if #answer > 1 then wake() end
return answer
