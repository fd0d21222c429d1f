-- The events of browser-events.lua, made before the run: what making them costs is not taken from the server under load, which shares the cores.
-- Environment: PREPARED (default 100000 events for each thread), REPEAT (1 = start over when they are used up, for servers that look at nothing;
--              otherwise more are made as needed), and all of browser-events.lua.
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "browser-events.lua")
local start, make = init, request

local events, at, repeats = {}, 0, false
function init(args)
  start(args)
  repeats = os.getenv("REPEAT") == "1"
  for i = 1, tonumber(os.getenv("PREPARED")) or 100000 do events[i] = make() end
  collectgarbage()
end

function request()
  at = at + 1
  local event = events[at]
  if event then return event end
  if not repeats then return make() end
  at = 1
  return events[1]
end
