#!lua flags=allow-oom
-- Opens the store, or looks at it again after the server's life has changed, and says what was lost.
-- ARGV: format, shards, queues, route_by, a name for a new store, the highest incarnation that the caller knows, whether a restart loses nothing (1 or 0),
-- whether a failover loses nothing (1 or 0), how many shards the caller holds, and for each of these: shard, epoch, events that it knows to be acknowledged;
-- then for each queue that it has read in the incarnation that it knows: queue, and up to which offset.
if string.find(replication, 'role:slave', 1, true) then
  return { 'replica' }
end
local meta = redis.call('HMGET', META, 'incarnation', 'life', 'now', 'shards')
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
    -- (Those behind the shards of the cluster are of replays, which nobody goes on holding: of these it is compared what was read.)
    for _, shard in ipairs(redis.call('HKEYS', EPOCHS)) do
      if tonumber(shard) < tonumber(meta[4]) then
        redis.call('SADD', UNCONFIRMED, shard)
      end
    end
  end
  redis.call('HSET', META, 'life', life)
end

local lost = 0
local readsAt = 10 + 3 * tonumber(ARGV[9])
for at = 10, readsAt - 1, 3 do
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
if ARGV[6] == incarnation then
  for at = readsAt, #ARGV, 2 do
    if tonumber(redis.call('HGET', ENDS, ARGV[at]) or 0) < tonumber(ARGV[at + 1]) then
      incarnation = raise(incarnation, now, 'queue ' .. ARGV[at] .. ' ends before what was read of it')
    end
  end
end
local stored = redis.call('HMGET', META, 'format', 'shards', 'queues', 'route_by', 'name')
return { 'ok', life, incarnation, stored[1], stored[2], stored[3], stored[4], stored[5], text(lost) }
