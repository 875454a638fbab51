-- SPDX-License-Identifier: Apache-2.0
-- Comments over videos: a client follows videos, and a backend publishes to their channels.
local function answer(conn, value)
  conn:send(mix.json_encode(value))
end

function on_handshake(client_id, headers, server) end

function on_message(msg)
  local conn = mix.websocket()
  local command, err = mix.json_decode(msg.data)
  if msg.type ~= "text" or err then
    return conn:close()
  end
  local video = command.channel and string.match(command.channel, "^video:(%d+)$")
  if not video then
    return answer(conn, { code = 1, msg = "no such channel" })
  end
  local refused
  if command.op == "subscribe" then
    refused = conn:subscribe("video:" .. video)
  elseif command.op == "unsubscribe" then
    refused = conn:unsubscribe("video:" .. video)
  else
    refused = "unknown op"
  end
  if refused then
    return answer(conn, { code = 2, msg = refused })
  end
  answer(conn, { result = true })
end

function on_close(client_id, err) end
