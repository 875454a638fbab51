-- SPDX-License-Identifier: Apache-2.0
--
-- mix: texts, the server, the mesh and queues.

local host, limits, prelude = ...

local error, ipairs, tostring, type, unpack, yield = error, ipairs, tostring, type, unpack, coroutine.yield
local char, find, sub, concat = string.char, string.find, string.sub, table.concat
local socket = limits.socket
local G = _G

-- The host says true and results when it is done, or false when it will resume the callback with them.
function prelude.awaited(done, ...)
  if done then
    return ...
  end
  return yield(prelude.WAIT)
end

local mix = { DEBUG = 0, INFO = prelude.INFO, WARN = 2, ERROR = 3 }
G.mix = mix

for _, name in ipairs({
  "json_encode", "json_decode", "base64_encode", "base64_decode", "php_pack", "php_unpack", "parse_url", "log",
  "md5", "md5_bin", "sha1", "sha1_bin",
}) do
  mix[name] = host[name]
end
mix.parse_str, mix.url_parse = mix.parse_url, mix.parse_url

function mix.str_split(s, separator)
  s, separator = tostring(s), tostring(separator or "")
  local out = {}
  if separator == "" then
    for i = 1, #s do
      out[i] = sub(s, i, i)
    end
    return out
  end
  local at = 1
  while true do
    local from, to = find(s, separator, at, true)
    out[#out + 1] = sub(s, at, (from or 0) - 1)
    if not from then
      return out
    end
    at = to + 1
  end
end

function mix.bytes_tostring(bytes)
  local out = {}
  for from = 1, #bytes, 1000 do
    local to = from + 999
    out[#out + 1] = char(unpack(bytes, from, to < #bytes and to or #bytes))
  end
  return concat(out)
end

mix.server = {
  option = function(name)
    return host.option(tostring(name))
  end,
}

local function running_connection(of_sockets, what)
  if of_sockets ~= socket then
    return nil, "this server's connections are not of the kind " .. what
  elseif not prelude.current then
    return nil, "no connection: this is not a callback"
  end
  return prelude.connection_of(prelude.current)
end

function mix.websocket()
  return running_connection(false, "websocket")
end

mix.socket = {
  tcp = function()
    return running_connection(true, "socket")
  end,
}

mix.mesh = {}

function mix.mesh.send(client_id, data, kind)
  local bytes, is_binary, err = prelude.outgoing(data, kind)
  if not bytes then
    return err
  end
  return prelude.awaited(host.mesh_send(tostring(client_id), bytes, is_binary))
end

function mix.mesh.publish(channel, data, kind)
  local bytes, is_binary, err = prelude.outgoing(data, kind)
  if not bytes then
    error(err, 2)
  end
  return prelude.awaited(host.mesh_publish(tostring(channel), bytes, is_binary))
end

mix.queue = {}

function mix.queue.push(topic, data)
  return prelude.awaited(host.queue_push(tostring(topic), data))
end

-- Topics are queues of the broker: there is nothing to make, and their size is not the script's to say.
function mix.queue.new(name)
  local queue = {}
  function queue.push(self, data)
    return mix.queue.push(name, data)
  end
  return queue
end
