-- SPDX-License-Identifier: Apache-2.0
--
-- The first part. Stops what runs too long or takes too much memory, and replaces the functions by which a script could
-- catch that.
--
-- The parts run once in every state, in the order in which the host has them. Each is given the host's functions, the
-- limits, and a table of what the parts give each other; the last has entries, which the host calls.

local host, limits, prelude = ...

local error, next, pairs, collect = error, next, pairs, collectgarbage
local raw_pcall, raw_xpcall = pcall, xpcall
local create, resume, yield, running, status =
  coroutine.create, coroutine.resume, coroutine.yield, coroutine.running, coroutine.status
local sethook = debug.sethook
local G = _G

-- A function of the host that is called on a coroutine leaves a mark for it, which the host removes after each entry.
-- Until then the coroutine must not be collected.
local callers = {}
for name, f in pairs(host) do
  host[name] = function(...)
    local co = running()
    if co then
      callers[co] = true
    end
    return f(...)
  end
end

-- Where a callback waits for the host, it yields this.
local WAIT = {}
prelude.WAIT = WAIT

local TICK_INSTRUCTIONS = 1000
local ticks, over = 0, nil

local function too_large()
  if collect("count") <= limits.memory_kib then
    return false
  end
  collect("collect")
  return collect("count") > limits.memory_kib
end

-- LuaJIT's hook is one for all coroutines of a state, and runs only while compiling is off.
local function tick()
  ticks = ticks + 1
  if not over then
    if ticks > limits.ticks then
      over = "stopped: it ran too long (too many instructions)"
    elseif too_large() then
      over = "stopped: it uses too much memory"
    elseif ticks % 8 == 0 and host.late() then
      over = "stopped: it ran too long (time)"
    end
  end
  if over and running() then
    error(over, 0)
  end
end

local function still(...)
  if over then
    error(over, 0)
  end
  return ...
end

-- What was stopped must not go on because someone caught the error.
function G.pcall(f, ...)
  return still(raw_pcall(f, ...))
end

function G.xpcall(f, handler, ...)
  -- The handler of what was stopped would run inside the hook, where nothing could stop it.
  local function guarded(err)
    if over then
      return err
    end
    return handler(err)
  end
  return still(raw_xpcall(f, guarded, ...))
end

local function resumed(co, ok, mark, ...)
  if over then
    error(over, 0)
  end
  if ok and mark == WAIT and status(co) == "suspended" then
    return resumed(co, resume(co, yield(WAIT)))
  end
  return ok, mark, ...
end

function G.coroutine.resume(co, ...)
  return resumed(co, resume(co, ...))
end

local function unwrapped(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

function G.coroutine.wrap(f)
  local co = create(f)
  return function(...)
    return unwrapped(resumed(co, resume(co, ...)))
  end
end

-- The functions as they were, for our own code: it sees what was stopped by other means.
prelude.pcall, prelude.resume = raw_pcall, resume

-- A callback begins, or goes on after a wait.
function prelude.begin_watch()
  if next(callers) then
    callers = {}
  end
  ticks, over = 0, nil
end

-- It goes on with something that arrived on its own, and may run as long as before.
function prelude.watch_anew()
  ticks = 0
end

-- Why what runs, or ran last, was stopped; nil when it was not.
function prelude.stopped()
  return over
end

-- From now on. Our own code between callbacks is on the main thread, and never stopped.
function prelude.watch()
  sethook(tick, "", TICK_INSTRUCTIONS)
end
