#!lua flags=allow-oom
-- Stores the progress of a sink in a queue. ARGV: queue, sink, incarnation, offset, ledger, whether it may go back (1 or 0), offset up to which the sink's backlog
-- is in spill files; then, when the sink's queue was claimed: life, epoch, version of the list of spill files, their bytes, and the list itself unless the
-- stored one may be of that version. Progress only moves on, so that a sink that was declared dead and goes on cannot take back what its successor has
-- confirmed; and where it was claimed, it is stored only under the last claim, for the server that the claim knows.
local key, claims, spills, field = p .. 'progress:' .. ARGV[1], p .. 'claims:' .. ARGV[1], p .. 'spills:' .. ARGV[1], ARGV[2]
local incarnation, offset, through = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[7])
local claim = redis.call('HGET', claims, field)
local epoch, version, spillIncarnation, spilledThrough, bytes
if claim then
  epoch, version, spillIncarnation, spilledThrough, bytes = string.match(claim, '^(%d+):(%d+):(%d+):(%d+):(%d+)$')
end

if ARGV[6] == '1' then
  -- Somebody has decided where it goes on. The next save of whoever has it claimed fails, and he starts again from here.
  if claim then
    if through == 0 then
      redis.call('HDEL', spills, field)
      version, bytes = '0', '0'
    end
    redis.call('HSET', claims, field, table.concat({ text(tonumber(epoch) + 1), version, incarnation, ARGV[7], bytes }, ':'))
  end
else
  if ARGV[9] then
    local meta = redis.call('HMGET', META, 'life', 'incarnation')
    if meta[1] ~= life or ARGV[8] ~= life then
      return 'life'
    end
    if epoch ~= ARGV[9] or meta[2] ~= incarnation then
      return 'stale'
    end
  elseif claim and spillIncarnation == incarnation and tonumber(spilledThrough) > offset then
    return 'stale' -- whoever saves without a claim knows nothing of these files
  end
  local stored = redis.call('HGET', key, field)
  if stored then
    local storedIncarnation, storedOffset = string.match(stored, '^(%d+):(%d+):')
    if tonumber(storedIncarnation) > tonumber(incarnation) or storedIncarnation == incarnation and tonumber(storedOffset) > offset then
      return 'behind'
    end
  end
  if ARGV[9] then
    if ARGV[12] then
      redis.call('HSET', spills, field, ARGV[12])
    elseif version ~= ARGV[10] then
      return 'files'
    end
    redis.call('HSET', claims, field, table.concat({ epoch, ARGV[10], incarnation, ARGV[7], ARGV[11] }, ':'))
  end
end
redis.call('HSET', key, field, incarnation .. ':' .. ARGV[4] .. ':' .. ARGV[5])
return 'ok'
