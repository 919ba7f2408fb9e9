-- The head of the line is no task: it goes to the dead letters and the line goes on. ARGV = fencing token, head, reason.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return 0 end
if redis.call('LINDEX', 'q:pending', 0) ~= ARGV[2] then return 0 end
redis.call('LPOP', 'q:pending')
local id = id_of(ARGV[2])
-- A second task of an id that is held belongs to no dispatch: that has its own one.
local dispatch = id and redis.call('EXISTS', task_key(id)) == 1 and '' or dispatch_of(ARGV[2])
bury(ARGV[2], id, dispatch, 0, '', ARGV[3])
wake()
return 1
