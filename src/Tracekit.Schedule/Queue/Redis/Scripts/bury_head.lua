-- The head of the line is no task: it goes to the dead letters and the line goes on. ARGV = fencing token, head, reason.
if redis.call('GET', P .. 'scheduler') ~= ARGV[1] then return 0 end
if redis.call('LINDEX', 'q:pending', 0) ~= ARGV[2] then return 0 end
redis.call('LPOP', 'q:pending')
bury(ARGV[2], id_of(ARGV[2]), dispatch_of(ARGV[2]), 0, '', ARGV[3])
wake()
return 1
