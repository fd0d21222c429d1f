#!lua flags=allow-oom
-- Gives a shard to the caller. ARGV: life, shard, a floor for the epoch.
local meta = redis.call('HMGET', META, 'life', 'incarnation', 'now')
if meta[1] ~= life or ARGV[1] ~= life then
  return { 'life' }
end
local shard, now, incarnation = ARGV[2], clock(meta[3]), meta[2]
if redis.call('SREM', UNCONFIRMED, shard) == 1 then
  incarnation = raise(incarnation, now, 'the server may have lost acknowledged events, and whoever held shard ' .. shard .. ' is gone')
end
-- By the clock too, so that epochs do not go back when a replica takes over that does not know the last ones.
local epoch = math.max(tonumber(redis.call('HGET', EPOCHS, shard) or 0) + 1, tonumber(ARGV[3]) + 1, now)
redis.call('HSET', EPOCHS, shard, text(epoch))
redis.call('HSET', META, 'now', text(now))
return { 'ok', incarnation, text(epoch), text(now), redis.call('HGET', COUNTS, shard) or '0', redis.call('HGET', CHUNKS, shard) or '',
  redis.call('HGETALL', p .. 'redeliveries:' .. shard) }
