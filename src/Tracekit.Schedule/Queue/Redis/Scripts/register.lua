-- A node joins. ARGV = node, worker, lease in ms, capacity, slots (0: by capacity only), logical cores, allocation ratio, reset capacity (1|0),
-- clear queue (1|0), most attempts, description. Returns {'ok', tasks taken back}, or when another worker of that name is alive
-- {'taken', worker, end of its lease in ms since the epoch, ms that are left of it}.
local node, worker, lease, capacity, slots = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local other = redis.call('GET', P .. 'alive:' .. node)
if other and other ~= worker then
  local left = redis.call('PTTL', P .. 'alive:' .. node)
  return { 'taken', other, now_ms() + left, left }
end
local back = take_all_back(node, ARGV[10], 'its worker was started anew')
if ARGV[9] == '1' then redis.call('DEL', 'q:' .. node, P .. 'inbox:' .. node) end
redis.call('LREM', 'slots:available', 0, node)

-- What is left in its queue came from a scheduler that keeps no records: it took capacity for these, and the node will give it back.
local held, waiting = 0, 0
for _, list in ipairs({ 'q:' .. node, P .. 'inbox:' .. node }) do
  for _, json in ipairs(redis.call('LRANGE', list, 0, -1)) do
    local ok, task = pcall(cjson.decode, json)
    local units = ok and type(task) == 'table' and tonumber(task.cpu_units) or 1
    held = held + ((units >= 1 and units <= MOST_UNITS and units % 1 == 0) and units or 1)
    waiting = waiting + 1
  end
end
if ARGV[8] == '1' then held = 0 end
redis.call('MSET', 'cap_total:' .. node, capacity, 'cap:' .. node, capacity - held, 'run_count:' .. node, waiting, 'phys:' .. node, ARGV[6], 'ratio:' .. node, ARGV[7])
for _ = waiting + 1, slots do redis.call('RPUSH', 'slots:available', node) end
redis.call('SREM', P .. 'plain_slots', node)
redis.call('HSET', P .. 'nodes', node, ARGV[11])
redis.call('HSET', P .. 'node_slots', node, slots)
redis.call('SET', P .. 'alive:' .. node, worker, 'PX', lease)
nodes_changed()
wake()
return { 'ok', back }
