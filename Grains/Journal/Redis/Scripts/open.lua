#!lua flags=allow-oom
-- Opens the store, or looks at it again after the server's life has changed, and says what was lost.
-- ARGV: format, shards, queues, route_by, a name for a new store, the highest incarnation that the caller knows, whether a restart loses nothing (1 or 0),
-- whether a failover loses nothing (1 or 0), then for each shard that the caller holds: shard, epoch, events that it knows to be acknowledged.
if string.find(replication, 'role:slave', 1, true) then
  return { 'replica' }
end
local meta = redis.call('HMGET', META, 'incarnation', 'life', 'now', 'lost')
local now = clock(meta[3])
local incarnation = meta[1]
if not incarnation then
  -- By the clock, so that no later store of this name repeats an incarnation that a sink's destination remembers.
  incarnation = text(math.max(tonumber(ARGV[6]) + 1, math.floor(now / 1000)))
  redis.call('HSET', META, 'format', ARGV[1], 'shards', ARGV[2], 'queues', ARGV[3], 'route_by', ARGV[4], 'name', ARGV[5],
    'incarnation', incarnation, 'life', life, 'now', text(now))
elseif meta[2] ~= life then
  local isFailover = meta[2] and string.find(replication, 'master_replid2:' .. meta[2], 1, true)
  local losesNothing = isFailover and ARGV[8] == '1' or not isFailover and ARGV[7] == '1'
  if not losesNothing then
    -- Until the owner of a shard has compared what it knows, nobody can say what its shard has lost.
    for _, shard in ipairs(redis.call('HKEYS', EPOCHS)) do
      redis.call('SADD', UNCONFIRMED, shard)
    end
  end
  redis.call('HSET', META, 'life', life)
end

local lost = 0
for at = 9, #ARGV, 3 do
  local shard, epoch, count = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local stored = tonumber(redis.call('HGET', COUNTS, shard) or 0)
  if tonumber(redis.call('HGET', EPOCHS, shard) or 0) <= epoch then
    redis.call('SREM', UNCONFIRMED, shard)
  end
  if stored < count then
    lost = lost + count - stored
    -- Said once: the next look finds them equal.
    redis.call('HSET', COUNTS, shard, text(count))
  end
end
if lost > 0 then
  redis.call('HINCRBY', META, 'lost', lost)
  incarnation = raise(incarnation, now, 'acknowledged events were lost')
end
local stored = redis.call('HMGET', META, 'format', 'shards', 'queues', 'route_by', 'name')
return { 'ok', life, incarnation, stored[1], stored[2], stored[3], stored[4], stored[5], text(lost) }
