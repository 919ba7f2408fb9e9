-- What is not as it must be once all tasks of the dispatch have ended, one line each; nothing when all is well. One atomic look.
-- ARGV = dispatch, its tasks, nodes, units of each, slots of each (0: by capacity only).
local dispatch, total, nodes, units, slots = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local wrong = {}
local function expect(what, is, shall)
  if tostring(is) ~= tostring(shall) then wrong[#wrong + 1] = what .. ' is ' .. tostring(is) .. ', not ' .. tostring(shall) end
end

expect('results', redis.call('HLEN', 'tracekit:results'), total)
for i = 0, total - 1 do expect('result of ' .. i, redis.call('HEXISTS', 'tracekit:results', dispatch .. '-' .. i), 1) end
for _, key in ipairs({ 'tracekit:counts', 'tracekit:dispatch:' .. dispatch }) do
  expect(key .. ' pushed', redis.call('HGET', key, 'pushed'), total)
  expect(key .. ' succeeded', redis.call('HGET', key, 'succeeded'), total)
  expect(key .. ' failed', redis.call('HGET', key, 'failed') or 0, 0)
  expect(key .. ' dead', redis.call('HGET', key, 'dead') or 0, 0)
end

expect('nodes', redis.call('HLEN', 'tracekit:nodes'), nodes)
for _, node in ipairs(redis.call('HKEYS', 'tracekit:nodes')) do
  expect('alive:' .. node, redis.call('EXISTS', 'tracekit:alive:' .. node), 1)
  expect('cap_total:' .. node, redis.call('GET', 'cap_total:' .. node), units)
  expect('cap:' .. node, redis.call('GET', 'cap:' .. node), units)
  expect('run_count:' .. node, redis.call('GET', 'run_count:' .. node), 0)
  local free = 0
  for _, token in ipairs(redis.call('LRANGE', 'slots:available', 0, -1)) do if token == node then free = free + 1 end end
  expect('free slots of ' .. node, free, slots)
end
expect('free slots', redis.call('LLEN', 'slots:available'), nodes * slots)

for _, pattern in ipairs({ 'tracekit:task:*', 'tracekit:on:*', 'tracekit:inbox:*', 'q:*', 'tracekit:dead' }) do
  for _, key in ipairs(redis.call('KEYS', pattern)) do
    local kind = redis.call('TYPE', key).ok
    local content = kind == 'hash' and redis.call('HGETALL', key) or kind == 'set' and redis.call('SMEMBERS', key) or redis.call('LRANGE', key, 0, 3)
    wrong[#wrong + 1] = key .. ' is still there: ' .. table.concat(content, ' ')
  end
end

-- Tasks that were taken back go ahead of others; first attempts keep the order of the line.
local last, first = -1, 0
for _, entry in ipairs(redis.call('LRANGE', 'tracekit:log', 0, -1)) do
  local number, attempt = string.match(entry, '%-(%d+) (%d+)$')
  if attempt == '1' then
    first = first + 1
    if tonumber(number) <= last then wrong[#wrong + 1] = 'task ' .. number .. ' was dispatched after task ' .. last end
    last = tonumber(number)
  end
end
expect('first attempts in the log', first, total)
return wrong
