#!lua flags=allow-oom
-- Gives a sink's queue to the caller. ARGV: life, queue, sink, a floor for the epoch.
local meta = redis.call('HMGET', META, 'life', 'now')
if meta[1] ~= life or ARGV[1] ~= life then
  return { 'life' }
end
local claims, field, now = p .. 'claims:' .. ARGV[2], ARGV[3], clock(meta[2])
local claim = redis.call('HGET', claims, field) or '0:0:0:0:0'
local stored, rest = string.match(claim, '^(%d+)(:.*)$')
-- By the clock too, as with shards: an epoch that a failover has forgotten must not be given out again.
local epoch = text(math.max(tonumber(stored) + 1, tonumber(ARGV[4]) + 1, now))
claim = epoch .. rest
redis.call('HSET', claims, field, claim)
redis.call('HSET', META, 'now', text(now))
return { 'ok', redis.call('HGET', p .. 'progress:' .. ARGV[2], field) or '', claim, redis.call('HGET', p .. 'spills:' .. ARGV[2], field) or '' }
