#!lua flags=allow-oom
-- Stores the progress of a sink in a queue. ARGV: queue, sink, incarnation, offset, ledger, whether it may go back (1 or 0). Progress only moves on, so that
-- a sink that was declared dead and goes on cannot take back what its successor has confirmed.
local key, field = p .. 'progress:' .. ARGV[1], ARGV[2]
local stored = redis.call('HGET', key, field)
if stored and ARGV[6] ~= '1' then
  local incarnation, offset = string.match(stored, '^(%d+):(%d+):')
  if tonumber(incarnation) > tonumber(ARGV[3]) or incarnation == ARGV[3] and tonumber(offset) > tonumber(ARGV[4]) then
    return 'behind'
  end
end
redis.call('HSET', key, field, ARGV[3] .. ':' .. ARGV[4] .. ':' .. ARGV[5])
return 'ok'
