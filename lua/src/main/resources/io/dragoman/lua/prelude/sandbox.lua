-- SPDX-License-Identifier: Apache-2.0
--
-- Takes away what a script must not have: what reaches the system, and what reaches under the language. The last part,
-- because the others use it; from its end on the watch is on.

local _, _, prelude = ...

local ipairs, type, byte, concat, traceback = ipairs, type, string.byte, table.concat, debug.traceback
local raw_loadstring, collect = loadstring, collectgarbage
local G = _G

local function text_of(chunk)
  if byte(chunk, 1) == 27 then
    return nil, "only texts can be loaded"
  end
  return chunk
end

function G.loadstring(chunk, name)
  local text, err = text_of(chunk)
  if not text then
    return nil, err
  end
  return raw_loadstring(text, name or text)
end

function G.load(chunk, name)
  if type(chunk) == "string" then
    return G.loadstring(chunk, name)
  end
  local pieces = {}
  while true do
    local piece = chunk()
    if piece == nil or piece == "" then
      break
    end
    pieces[#pieces + 1] = piece
  end
  return G.loadstring(concat(pieces), name or "=(load)")
end

function G.collectgarbage(what)
  if what == "count" then
    return collect("count")
  end
  collect("collect")
  return 0
end

for _, name in ipairs({ "java", "jit", "io", "package", "module", "dofile", "loadfile", "newproxy", "gcinfo" }) do
  G[name] = nil
end
local raw_os = os
G.os = { clock = raw_os.clock, date = raw_os.date, difftime = raw_os.difftime, time = raw_os.time }
G.debug = { traceback = traceback }
string.dump = nil

prelude.watch()
