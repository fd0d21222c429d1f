-- What every script begins with. KEYS[1] is the prefix of all keys of a cluster, "{cluster}:": they share a hash tag, so that one script may touch them all.
local p = KEYS[1]
local META, EPOCHS, COUNTS, ENDS, CHUNKS = p .. 'meta', p .. 'epochs', p .. 'counts', p .. 'ends', p .. 'chunks'
local UNCONFIRMED, WAKE = p .. 'unconfirmed', p .. 'wake'

local replication = redis.call('INFO', 'replication')

-- The life of a server: it ends with a restart, and with a failover another one begins.
local life = string.match(replication, 'master_replid:(%x+)')

local function text(number)
  return string.format('%.0f', number)
end

-- The store's clock in microseconds never goes back, whatever the system's does: marks are kept in the order of their time.
local function clock(last)
  local t = redis.call('TIME')
  return math.max(tonumber(t[1]) * 1000000 + tonumber(t[2]), tonumber(last or 0))
end

-- Once in a life: from here on positions that were given out before mean nothing.
local function raise(incarnation, now, reason)
  if redis.call('HGET', META, 'raised') == life then
    return incarnation
  end
  local raised = text(math.max(tonumber(incarnation) + 1, math.floor(now / 1000)))
  redis.call('HSET', META, 'incarnation', raised, 'raised', life, 'raised_because', reason)
  redis.call('PUBLISH', WAKE, '!')
  return raised
end
