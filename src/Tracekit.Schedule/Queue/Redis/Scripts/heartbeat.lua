-- A worker says that it lives. ARGV = node, worker, lease in ms, then id and attempt of what it runs.
-- Returns {'ok'|'gone', then id and attempt of each that is no longer its own…}.
local node, worker = ARGV[1], ARGV[2]
local answer = { 'ok' }
local alive = redis.call('GET', P .. 'alive:' .. node)
if alive == worker then
  redis.call('PEXPIRE', P .. 'alive:' .. node, ARGV[3])
else
  -- Its lease ran out. Where nobody took its tasks back or its name, it is still the worker of the node and goes on with what it runs.
  local said = not alive and redis.call('HGET', P .. 'nodes', node)
  local ok, description = pcall(cjson.decode, said or '')
  if ok and type(description) == 'table' and description.worker == worker then
    redis.call('SET', P .. 'alive:' .. node, worker, 'PX', ARGV[3])
    node_changed(node)
    wake()
  else
    answer[1] = 'gone'
  end
end
for i = 4, #ARGV, 2 do
  local h = redis.call('HMGET', task_key(ARGV[i]), 'node', 'attempt')
  if h[1] ~= node or h[2] ~= ARGV[i + 1] then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = ARGV[i + 1]
  end
end
return answer
