-- SPDX-License-Identifier: Apache-2.0
--
-- print, to the broker's log, and the form of it that shows tables.

local host, _, prelude = ...

local ipairs, next, select, tostring, type = ipairs, next, select, tostring, type
local format, rep, concat, sort = string.format, string.rep, table.concat, table.sort
local G = _G

prelude.INFO = 1

local PRETTY_DEPTH = 8

local function pretty(value, depth, seen)
  if type(value) == "string" then
    return depth == 0 and value or format("%q", value)
  elseif type(value) ~= "table" then
    return tostring(value)
  elseif seen[value] or depth > PRETTY_DEPTH then
    return "{...}"
  end
  seen[value] = true
  local keys = {}
  for key in next, value do
    keys[#keys + 1] = key
  end
  sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
      return a < b
    end
    return type(a) < type(b)
  end)
  local out, indent = {}, rep("  ", depth + 1)
  for _, key in ipairs(keys) do
    out[#out + 1] = indent .. "[" .. pretty(key, depth + 1, seen) .. "] = " .. pretty(value[key], depth + 1, seen)
  end
  seen[value] = nil
  if #out == 0 then
    return "{}"
  end
  return "{\n" .. concat(out, ",\n") .. "\n" .. rep("  ", depth) .. "}"
end

local function printer(show)
  return function(...)
    local out = {}
    for i = 1, select("#", ...) do
      out[i] = show((select(i, ...)))
    end
    host.log(prelude.INFO, concat(out, "\t"))
  end
end

G.print = printer(tostring)
prelude.pretty_print = printer(function(value)
  return pretty(value, 0, {})
end)
