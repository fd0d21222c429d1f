-- Appends the parts of many shards, each under its epoch: a stale one fails its part alone. Nothing is written unless life and incarnation are the
-- caller's. ARGV: life, incarnation, then for each part: shard, epoch, queue, events, events of its shard up to this part, frames, marks, number of the
-- chunk that takes them, "" or "first:last" of the chunks from now on, first chunk to drop, frontend, what it has delivered, frontends to forget,
-- how many sources, and for each of these its name and events.
local meta = redis.call('HMGET', META, 'life', 'incarnation', 'now', 'woken')
if meta[1] ~= life or ARGV[1] ~= life or ARGV[2] ~= meta[2] then
  return { 'life' }
end
local nowNumber = clock(meta[3])
local now = text(nowNumber)
local nowBytes = struct.pack('<I8', nowNumber)

local parts, shards, queues, endOf, starts = {}, {}, {}, {}, {}
local at = 3
while at <= #ARGV do
  parts[#parts + 1] = at
  shards[#shards + 1] = ARGV[at]
  local queue = ARGV[at + 2]
  if not endOf[queue] then
    endOf[queue] = 0
    queues[#queues + 1] = queue
  end
  at = at + 14 + 2 * tonumber(ARGV[at + 13])
end
for index, stored in ipairs(redis.call('HMGET', ENDS, unpack(queues))) do
  endOf[queues[index]] = tonumber(stored or 0)
  starts[index] = queues[index] .. ':' .. text(endOf[queues[index]])
end

local epochs = redis.call('HMGET', EPOCHS, unpack(shards))
local flags, counts, accepted, touched = {}, {}, {}, {}
for index, a in ipairs(parts) do
  if epochs[index] == ARGV[a + 1] then
    flags[index] = '1'
    local shard, queue, frames, marks = ARGV[a], ARGV[a + 2], ARGV[a + 5], ARGV[a + 6]
    -- The number of an entry is where it ends, in bytes, so that a reader can ask for so many bytes. (The owner reckons the same: AppendGroup.)
    local ends = endOf[queue] + #frames + 112
    endOf[queue] = ends
    touched[queue] = true
    redis.call('XADD', p .. 'queue:' .. queue, text(ends) .. '-0', 't', now, 's', shard, 'n', ARGV[a + 3], 'f', frames)
    if marks ~= '' then
      redis.call('APPEND', p .. 'marks:' .. shard .. ':' .. ARGV[a + 7], nowBytes .. marks)
    end
    local range = ARGV[a + 8]
    if range ~= '' then
      redis.call('HSET', CHUNKS, shard, range)
      for chunk = tonumber(ARGV[a + 9]), tonumber(string.match(range, '^%d+')) - 1 do
        redis.call('UNLINK', p .. 'marks:' .. shard .. ':' .. text(chunk))
      end
    end
    local redeliveries = p .. 'redeliveries:' .. shard
    redis.call('HSET', redeliveries, ARGV[a + 10], nowBytes .. ARGV[a + 11])
    local forget = ARGV[a + 12]
    for first = 1, #forget, 16 do
      redis.call('HDEL', redeliveries, string.sub(forget, first, first + 15))
    end
    counts[#counts + 1] = shard
    counts[#counts + 1] = ARGV[a + 4]
    local bySource = accepted[queue] or {}
    accepted[queue] = bySource
    for source = a + 14, a + 12 + 2 * tonumber(ARGV[a + 13]), 2 do
      bySource[ARGV[source]] = (bySource[ARGV[source]] or 0) + tonumber(ARGV[source + 1])
    end
  else
    flags[index] = '0'
  end
end

local wake = {}
if #counts > 0 then
  local ends = {}
  for queue in pairs(touched) do
    ends[#ends + 1] = queue
    ends[#ends + 1] = text(endOf[queue])
    wake[#wake + 1] = queue .. ':' .. text(endOf[queue])
    for source, events in pairs(accepted[queue]) do
      redis.call('HINCRBY', p .. 'accepted:' .. queue, source, events)
    end
  end
  redis.call('HSET', ENDS, unpack(ends))
  redis.call('HSET', COUNTS, unpack(counts))
  -- Who reads what others append is woken now and then, and looks once more soon after: see RedisJournal.Hear.
  local woken = tonumber(meta[4] or 0)
  if nowNumber >= woken + 20000 then
    redis.call('PUBLISH', WAKE, table.concat(wake, ','))
    woken = nowNumber
  end
  redis.call('HSET', META, 'now', now, 'woken', text(woken))
end
return { 'ok', now, table.concat(flags), table.concat(wake, ','), table.concat(starts, ',') }
