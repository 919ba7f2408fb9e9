-- A worker says that it lives. ARGV = node, worker, lease in ms, then id and attempt of what it runs.
-- Returns {'ok'|'gone', then id and attempt of each that is no longer its own…}.
local node, worker = ARGV[1], ARGV[2]
local answer = { 'ok' }
if redis.call('GET', P .. 'alive:' .. node) == worker then
  redis.call('PEXPIRE', P .. 'alive:' .. node, ARGV[3])
else
  answer[1] = 'gone'
end
for i = 4, #ARGV, 2 do
  local h = redis.call('HMGET', task_key(ARGV[i]), 'node', 'attempt')
  if h[1] ~= node or h[2] ~= ARGV[i + 1] then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = ARGV[i + 1]
  end
end
return answer
