-- SPDX-License-Identifier: Apache-2.0
--
-- What happens to connections, as the script's callbacks of either form hear of it.

local host, limits, prelude = ...

local error, ipairs, next, rawget, setmetatable, type = error, ipairs, next, rawget, setmetatable, type
local find, lower, sub, floor = string.find, string.lower, string.sub, math.floor
local getinfo, getlocal = debug.getinfo, debug.getlocal
local G = _G

local function parameters(name)
  local f = rawget(G, name)
  if type(f) ~= "function" then
    return 0, "", ""
  end
  local n = getinfo(f, "u").nparams
  return n, n > 0 and getlocal(f, 1) or "", n > 0 and getlocal(f, n) or ""
end

-- A script of the older form takes the connection as its last argument. on_connect and on_close take as many in both
-- forms, and on_handshake in the newer one may leave out its last: their parameters' names tell.
function prelude.is_legacy()
  for _, name in ipairs({ "on_message", "protocol_input", "protocol_decode", "protocol_encode" }) do
    if parameters(name) > 1 then
      return true
    end
  end
  for _, name in ipairs({ "on_connect", "on_close", "on_handshake" }) do
    local _, first, last = parameters(name)
    if find(lower(last), "^conn") and not find(lower(first), "id") then
      return true
    end
  end
  local n, first = parameters("on_handshake")
  return n == 2 and find(lower(first), "header") ~= nil
end

-- Header names as the original engine has them; other spellings find them too.
local function any_case(headers)
  local lowered
  return setmetatable(headers, { __index = function(_, name)
    if type(name) ~= "string" then
      return nil
    end
    if not lowered then
      lowered = {}
      for key, value in next, headers do
        lowered[lower(key)] = value
      end
    end
    return lowered[lower(name)]
  end })
end

function prelude.call(name, ...)
  local f = G[name]
  if f ~= nil then
    return f(...)
  end
end

local events = {}
prelude.events = events

function events.handshake(id, headers, server)
  any_case(headers)
  if not prelude.legacy then
    return prelude.call("on_handshake", id, headers, server)
  end
  local connection = prelude.connection_of(id)
  prelude.call("on_connect", connection)
  for _, key in ipairs({ "Method", "RequestUri", "ServerProtocol" }) do
    headers[key] = server[key]
  end
  prelude.call("on_handshake", headers, connection)
end

function events.connect(id)
  prelude.call("on_connect", prelude.legacy and prelude.connection_of(id) or id)
end

function events.message(id, kind, data)
  local message = { type = kind, data = data, finish = true }
  if prelude.legacy then
    prelude.call("on_message", message, prelude.connection_of(id))
  else
    prelude.call("on_message", message)
  end
end

function events.close(id, err)
  if prelude.legacy then
    prelude.call("on_close", err, prelude.connection_of(id))
  else
    prelude.call("on_close", id, err)
  end
end

-- Small first: packets are mostly far smaller than what arrived at once, and each look is a copy.
local WINDOW_BYTES = 1024

local function packet_length(data, at, connection)
  local window = WINDOW_BYTES
  while true do
    local n = G.protocol_input(prelude.buffer_of(sub(data, at, at + window - 1)), prelude.legacy and connection or nil)
    if type(n) ~= "number" or n ~= floor(n) then
      error("protocol_input gave no whole number", 0)
    end
    if n ~= 0 or prelude.cleared[connection] or at + window > #data then
      return n
    end
    window = window * 2
  end
end

-- Gives what was not used, or nothing when the connection is to be closed.
function events.bytes(id, data)
  local connection = prelude.connection_of(id)
  local at = 1
  while at <= #data do
    prelude.watch_anew()
    host.next_turn()
    prelude.cleared[connection] = nil
    local n = packet_length(data, at, connection)
    if n < 0 then
      return nil, "protocol_input refused it"
    elseif n > limits.packet_bytes then
      return nil, "a packet is too long"
    elseif n == 0 or at + n - 1 > #data then
      break
    end
    local packet = sub(data, at, at + n - 1)
    at = at + n
    local value
    if prelude.legacy then
      value = G.protocol_decode(packet, connection)
    else
      value = G.protocol_decode(packet)
    end
    if value ~= nil then
      if prelude.legacy then
        prelude.call("on_message", value, connection)
      else
        prelude.call("on_message", value)
      end
    end
    if prelude.cleared[connection] then
      return ""
    end
    if host.is_closing(id) then
      return ""
    end
  end
  return sub(data, at)
end

function events.encode(id, value)
  return prelude.encoded(value, prelude.connection_of(id))
end
