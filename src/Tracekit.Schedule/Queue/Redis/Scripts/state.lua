-- What a scheduler decides on. ARGV = how many heads it wants, then nodes that keep no records with us.
-- Returns {version, {head…}, {{node, capacity free, capacity total, run count, alive: 1, dead: 0, keeps no records: 2, its slots in all}…},
-- {node of each free slot…}}. A plain node that was once seen with a slot works with slots (1), also while all of them are taken.
local version = redis.call('GET', P .. 'version') or '0'
local heads = redis.call('LRANGE', 'q:pending', 0, tonumber(ARGV[1]) - 1)
local nodes = redis.call('HKEYS', P .. 'nodes')
local known = {}
for _, node in ipairs(nodes) do known[node] = true end
for i = 2, #ARGV do if not known[ARGV[i]] then nodes[#nodes + 1] = ARGV[i] end end
local slots = redis.call('LRANGE', 'slots:available', 0, -1)
local seen = {}
for _, node in ipairs(slots) do
  if not known[node] and not seen[node] then
    seen[node] = true
    redis.call('SADD', P .. 'plain_slots', node)
  end
end
local rows = {}
for _, node in ipairs(nodes) do
  local cap = redis.call('MGET', 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node)
  local alive = known[node] and redis.call('EXISTS', P .. 'alive:' .. node) or 2
  local in_use = alive == 2 and redis.call('SISMEMBER', P .. 'plain_slots', node) or redis.call('HGET', P .. 'node_slots', node) or '0'
  rows[#rows + 1] = { node, cap[1] or '0', cap[2] or cap[1] or '0', cap[3] or '0', alive, in_use }
end
return { version, heads, rows, slots }
