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

-- Many nodes in one MGET: with a thousand of them, calls are what this script costs.
local rows = {}
local AT_ONCE = 1000
for first = 1, #nodes, AT_ONCE do
  local last, keys = math.min(first + AT_ONCE - 1, #nodes), {}
  for i = first, last do
    local node = nodes[i]
    local k = #keys
    keys[k + 1], keys[k + 2], keys[k + 3], keys[k + 4] = 'cap:' .. node, 'cap_total:' .. node, 'run_count:' .. node, P .. 'alive:' .. node
  end
  local values = redis.call('MGET', unpack(keys))
  local in_use = redis.call('HMGET', P .. 'node_slots', unpack(nodes, first, last))
  for i = first, last do
    local node, k = nodes[i], (i - first) * 4
    local alive = known[node] and (values[k + 4] and 1 or 0) or 2
    rows[i] = { node, values[k + 1] or '0', values[k + 2] or values[k + 1] or '0', values[k + 3] or '0', alive,
      alive == 2 and redis.call('SISMEMBER', P .. 'plain_slots', node) or in_use[i - first + 1] or '0' }
  end
end
return { version, heads, rows, slots }
