-- Dead letters go back to the tail of the line with all their attempts before them. ARGV = most to revive. Returns how many.
local revived = 0
for _ = 1, tonumber(ARGV[1]) do
  local letter = redis.call('LPOP', P .. 'dead')
  if not letter then break end
  local dead = cjson.decode(letter)
  redis.call('RPUSH', 'q:pending', dead.task)
  count(dispatch_of(dead.task), 'dead', -1)
  revived = revived + 1
end
if revived > 0 then wake() end
return revived
