-- What a scheduler decides on. ARGV = how many heads it wants, then nodes that keep no records with us.
-- Returns {version, {head…}, {{node, capacity free, capacity total, run count, alive: 1, dead: 0, keeps no records: 2, its slots in all}…},
-- {node of each free slot…}}.
local version = redis.call('GET', P .. 'version') or '0'
local heads = redis.call('LRANGE', 'q:pending', 0, tonumber(ARGV[1]) - 1)
local nodes = redis.call('HKEYS', P .. 'nodes')
local known = {}
for _, node in ipairs(nodes) do known[node] = true end
for i = 2, #ARGV do if not known[ARGV[i]] then nodes[#nodes + 1] = ARGV[i] end end
local rows = {}
for _, node in ipairs(nodes) do
  local cap = redis.call('MGET', 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node)
  local alive = known[node] and redis.call('EXISTS', P .. 'alive:' .. node) or 2
  rows[#rows + 1] = { node, cap[1] or '0', cap[2] or cap[1] or '0', cap[3] or '0', alive, redis.call('HGET', P .. 'node_slots', node) or '0' }
end
return { version, heads, rows, redis.call('LRANGE', 'slots:available', 0, -1) }
