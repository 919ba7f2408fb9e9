-- The leader steps down in good order. ARGV = token.
if redis.call('GET', P .. 'scheduler') == ARGV[1] then
  redis.call('DEL', P .. 'scheduler')
  redis.call('PUBLISH', P .. 'wake', '')
end
return 0
