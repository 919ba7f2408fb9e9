-- One scheduler leads. ARGV = token ('' to ask for one), lease in ms. Returns {'leads', token} or {'stands by', ms that the leader's lease still has}.
local leader = redis.call('GET', P .. 'scheduler')
if leader and leader ~= ARGV[1] then return { 'stands by', redis.call('PTTL', P .. 'scheduler') } end
local token = leader or tostring(redis.call('INCR', P .. 'epoch'))
redis.call('SET', P .. 'scheduler', token, 'PX', ARGV[2])
return { 'leads', token }
