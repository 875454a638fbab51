-- SPDX-License-Identifier: Apache-2.0
-- Everything goes to a backend by a topic; after an auth the backend has to say who it is before more is passed on.
local function push(conn, event)
  local n, err = mix.queue.push("chat", event)
  if err then
    mix.log(mix.ERROR, "cannot push: " .. err)
    conn:close()
    return
  end
end

function on_handshake(client_id, headers, server)
  local conn = mix.websocket()
  conn:set_context_value("headers", headers)
  push(conn, { event = "handshake", headers = headers })
end

function on_message(msg)
  local conn = mix.websocket()
  if msg.type ~= "text" then
    return
  end
  local command = mix.json_decode(msg.data)
  local event = { event = "message", uid = conn:context_value("uid"), frame = msg }
  if command.op == "auth" then
    event.headers = conn:context_value("headers")
  end
  push(conn, event)
  if command.op == "auth" then
    conn:wait_context_value("uid")
  end
end

function on_close(client_id, err)
  push(mix.websocket(), { event = "close", uid = mix.websocket():context_value("uid") })
end
