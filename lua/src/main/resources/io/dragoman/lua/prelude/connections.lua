-- SPDX-License-Identifier: Apache-2.0
--
-- The connections that scripts have in their hands: conn:method().

local host, limits, prelude = ...

local error, setmetatable, tostring, type, yield = error, setmetatable, tostring, type, coroutine.yield
local socket = limits.socket
local G = _G

-- The id of the connection whose callback runs, and whether the script is of the older form.
prelude.current, prelude.legacy = nil, false

-- The connections whose input a callback has cleared.
prelude.cleared = setmetatable({}, { __mode = "k" })

local ids = setmetatable({}, { __mode = "k" })
local connections = setmetatable({}, { __mode = "v" })

local function id_of(connection)
  local id = ids[connection]
  if not id then
    error("a connection was expected (conn:method(), not conn.method())", 3)
  end
  return id
end

local function payload(data)
  if type(data) == "number" then
    return tostring(data)
  elseif type(data) ~= "string" then
    return nil, "data must be a string, not a " .. type(data)
  end
  return data
end

local function binary(kind)
  if kind == nil or kind == "text" then
    return false
  elseif kind == "binary" then
    return true
  end
  return nil, "unknown type of data: " .. tostring(kind)
end

function prelude.outgoing(data, kind)
  local bytes, err = payload(data)
  if not bytes then
    return nil, nil, err
  end
  local is_binary, unknown = binary(kind)
  if unknown then
    return nil, nil, unknown
  end
  return bytes, is_binary
end

function prelude.encoded(value, connection)
  if type(G.protocol_encode) ~= "function" then
    return payload(value)
  end
  local bytes
  if prelude.legacy then
    bytes = G.protocol_encode(value, connection)
  else
    bytes = G.protocol_encode(value)
  end
  if type(bytes) ~= "string" or bytes == "" then
    return nil, "protocol_encode gave nothing to send"
  end
  return bytes
end

local conn = {}
local conn_meta = { __index = conn, __metatable = false, __tostring = function(connection)
  return "connection: " .. tostring(ids[connection])
end }

function prelude.connection_of(id)
  if not id then
    return nil
  end
  local connection = connections[id]
  if not connection then
    connection = setmetatable({}, conn_meta)
    ids[connection] = id
    connections[id] = connection
  end
  return connection
end

function conn:client_id()
  return id_of(self)
end

function conn:remote_addr()
  return host.remote_addr(id_of(self))
end

function conn:context()
  return host.context(id_of(self))
end

function conn:context_value(key)
  local _, value = host.context_value(id_of(self), key)
  return value
end

function conn:wait_context_value(key)
  local id = id_of(self)
  if id ~= prelude.current then
    error("only the connection of the running callback can be waited for", 2)
  end
  while true do
    local is_set, value = host.context_value(id, key)
    if is_set then
      return value
    end
    local err = host.wait_context(id, key)
    if err then
      return nil, err
    end
    yield(prelude.WAIT)
  end
end

function conn:set_context(values)
  return host.set_context(id_of(self), values)
end

function conn:set_context_value(key, value)
  return host.set_context_value(id_of(self), key, value)
end

function conn:subscribe(...)
  return host.subscribe(id_of(self), ...)
end

function conn:unsubscribe(...)
  return host.unsubscribe(id_of(self), ...)
end

function conn:close()
  return host.close(id_of(self))
end

function conn:send(data, kind)
  local id = id_of(self)
  if socket then
    -- As it is: protocol_encode is for what others send, and scripts answer from inside protocol_input.
    local bytes, err = payload(data)
    if not bytes then
      return err
    end
    return host.send(id, bytes, true)
  end
  local bytes, is_binary, err = prelude.outgoing(data, kind)
  if not bytes then
    return err
  end
  return host.send(id, bytes, is_binary)
end

if socket then
  function conn:clear_buffer()
    host.clear_buffer(id_of(self))
    prelude.cleared[self] = true
  end
end
