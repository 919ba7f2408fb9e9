-- A node leaves in good order. ARGV = node, worker, most attempts. What it has not taken goes back to the line.
local node = ARGV[1]
if redis.call('GET', P .. 'alive:' .. node) ~= ARGV[2] then return 0 end
local back = take_all_back(node, 1000000, 'its node left')
forget(node)
wake()
return back
