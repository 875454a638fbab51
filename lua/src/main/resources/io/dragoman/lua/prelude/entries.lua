-- SPDX-License-Identifier: Apache-2.0
--
-- What the host calls. All code of a script runs in coroutines that are made here (start), and all of ours between two
-- callbacks on the main thread. So the watch stops whatever is not on the main thread.

local _, limits, prelude = ...

local error, ipairs, rawget, type, collect = error, ipairs, rawget, type, collectgarbage
local create, status, resume, traceback = coroutine.create, coroutine.status, prelude.resume, debug.traceback
local G = _G

local DONE, WAITING, FAILED = 0, 1, 2
local waiting = {}
local entries = {}
prelude.entries = entries

local function text_of_error(err)
  if type(err) == "string" then
    return err
  elseif type(err) == "table" and type(rawget(err, "message")) == "string" then
    return rawget(err, "message")
  end
  return "(error object is a " .. type(err) .. " value)"
end

local function settled(may_wait, id, co, ok, mark, ...)
  prelude.current = nil
  local stopped = prelude.stopped()
  if stopped then
    return FAILED, stopped
  elseif not ok then
    return FAILED, traceback(co, text_of_error(mark))
  elseif status(co) == "dead" then
    return DONE, mark, ...
  elseif mark == prelude.WAIT and may_wait then
    waiting[id] = co
    return WAITING
  end
  return FAILED, "it yields, and no coroutine of the script's own is running"
end

local function begin(id)
  prelude.begin_watch()
  prelude.current = id
end

local function start(may_wait, id, f, ...)
  begin(id)
  local co = create(f)
  return settled(may_wait, id, co, resume(co, ...))
end

-- Runs a script's text once. Nothing can be waited for.
function entries.load(name, source)
  local chunk, err = G.loadstring(source, "@" .. name)
  if not chunk then
    return FAILED, err
  end
  return start(false, nil, function()
    chunk()
    prelude.legacy = prelude.is_legacy()
    prelude.call("init")
    for _, needed in ipairs(limits.socket and { "protocol_input", "protocol_decode", "on_message" } or { "on_message" }) do
      if type(rawget(G, needed)) ~= "function" then
        error("the script has no function " .. needed, 0)
      end
    end
  end)
end

function entries.event(id, name, ...)
  return start(true, id, prelude.events[name], id, ...)
end

function entries.encode(id, value)
  return start(false, id, prelude.events.encode, id, value)
end

function entries.resume(id, ...)
  local co = waiting[id]
  waiting[id] = nil
  begin(id)
  return settled(true, id, co, resume(co, ...))
end

-- A callback that waits is given up.
function entries.forget(id)
  waiting[id] = nil
end

function entries.memory()
  return collect("count")
end

function entries.collect()
  collect("collect")
  return collect("count")
end
