-- SPDX-License-Identifier: Apache-2.0
--
-- The functions of string and table that could make texts without bound, or match for ever.

local host, limits = ...

local error, ipairs, select, tonumber, tostring, type, unpack = error, ipairs, select, tonumber, tostring, type, unpack
local byte, find, gmatch, gsub, match, rep, sub =
  string.byte, string.find, string.gmatch, string.gsub, string.match, string.rep, string.sub
local concat = table.concat

-- Texts that are too large -------------------------------------------------------------------------------------------

local function within(size)
  if size > limits.string_bytes then
    error("the string would be too long", 0)
  end
end

function string.rep(s, n, separator)
  separator = separator or ""
  within((#s + #separator) * (tonumber(n) or 0))
  return rep(s, n, separator)
end

function table.concat(list, separator, from, to)
  from, to = from or 1, to or #list
  local size = 0
  for i = from, to do
    size = size + #tostring(list[i] or "")
  end
  within(size + #tostring(separator or "") * (to - from))
  return concat(list, separator, from, to)
end

-- Patterns that could take for ever ----------------------------------------------------------------------------------

-- One call of LuaJIT's matching cannot be stopped, and with several repetitions in a pattern it can take days. What could
-- take more than this many steps is left to the host's own, which looks at the time.
local STEPS_MAX = 1e7
local costs, costs_known = {}, 0

local function exponent(pattern)
  local known = costs[pattern]
  if known then
    return known
  end
  local _, balances = gsub(pattern, "%%b", "")
  -- Neither what is escaped nor what is in a set repeats anything.
  local bare = gsub(gsub(pattern, "%%.", ""), "%[%^?%]?[^%]]*%]", "")
  local _, repeats = gsub(bare, "[%*%+%-]", "")
  known = repeats + balances + (byte(pattern, 1) == 94 and 0 or 1)
  if costs_known == 1000 then
    costs, costs_known = {}, 0
  end
  costs[pattern], costs_known = known, costs_known + 1
  return known
end

local function dear(s, pattern)
  return #s > 32 and (#s) ^ exponent(pattern) > STEPS_MAX
end

local function texts(s, pattern)
  if type(s) == "number" then
    s = tostring(s)
  end
  if type(pattern) == "number" then
    pattern = tostring(pattern)
  end
  return s, pattern, type(s) == "string" and type(pattern) == "string" and dear(s, pattern)
end

function string.find(s, pattern, init, plain)
  local subject, p, slow = texts(s, pattern)
  if plain or not slow then
    return find(s, pattern, init, plain)
  end
  local found = host.scan(subject, p, init or 1, 1)[1]
  if found then
    return unpack(found, 1, found.n)
  end
  return nil
end

local function captures(subject, found)
  if found.n == 2 then
    return sub(subject, found[1], found[2])
  end
  return unpack(found, 3, found.n)
end

function string.match(s, pattern, init)
  local subject, p, slow = texts(s, pattern)
  if not slow then
    return match(s, pattern, init)
  end
  local found = host.scan(subject, p, init or 1, 1)[1]
  if found then
    return captures(subject, found)
  end
  return nil
end

function string.gmatch(s, pattern)
  local subject, p, slow = texts(s, pattern)
  if not slow then
    return gmatch(s, pattern)
  end
  local all, i = host.scan(subject, p, 1, -1), 0
  return function()
    i = i + 1
    if all[i] then
      return captures(subject, all[i])
    end
  end
end
string.gfind = nil

local function replacement(subject, found, with)
  local kind = type(with)
  if kind == "function" then
    return with(captures(subject, found))
  elseif kind == "table" then
    return with[(captures(subject, found))]
  end
  local whole = sub(subject, found[1], found[2])
  return (gsub(with, "%%(.)", function(c)
    if c == "0" then
      return whole
    elseif find(c, "%d") then
      local at = tonumber(c)
      if found.n == 2 and at == 1 then
        return whole
      end
      local capture = found[2 + at]
      if capture == nil then
        error("invalid capture index", 0)
      end
      return tostring(capture)
    end
    return c
  end))
end

-- What a replacement by a text can come to at most: matches do not overlap, so each reference to a capture adds up to
-- no more than the subject.
local function replaced_size(s, pattern, with, n)
  local _, references = gsub(with, "%%", "")
  if (#s + 1) * (#with + 1) + #s * references <= limits.string_bytes then
    return 0
  end
  local _, matches = gsub(s, pattern, "", n)
  return #s + matches * #with + #s * references
end

local function slow_gsub(subject, pattern, with, n)
  local out, size, at, count = {}, 0, 1, 0
  for _, found in ipairs(host.scan(subject, pattern, 1, n or -1)) do
    count = count + 1
    local new = replacement(subject, found, with)
    if not new then
      new = sub(subject, found[1], found[2])
    end
    local piece = sub(subject, at, found[1] - 1) .. new
    size = size + #piece
    within(size)
    out[#out + 1] = piece
    at = found[2] + 1
  end
  out[#out + 1] = sub(subject, at)
  return concat(out), count
end

function string.gsub(s, pattern, with, n)
  local subject, p, slow = texts(s, pattern)
  if type(with) == "number" then
    with = tostring(with)
  end
  if slow then
    return slow_gsub(subject, p, with, n)
  end
  if type(with) == "string" then
    within(replaced_size(tostring(s), tostring(pattern), with, n))
  elseif type(with) == "function" or type(with) == "table" then
    local size, f = 0, with
    local function counted(new, ...)
      if type(new) == "string" then
        size = size + #new
        within(size)
      end
      return new, ...
    end
    if type(f) == "table" then
      with = function(key)
        return counted(f[key])
      end
    else
      with = function(...)
        return counted(f(...))
      end
    end
  end
  return gsub(s, pattern, with, n)
end
