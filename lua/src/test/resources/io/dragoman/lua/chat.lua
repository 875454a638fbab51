-- SPDX-License-Identifier: Apache-2.0
-- A chat with rooms, in the script alone: a client is in one room at a time.
local function reply(conn, answer)
  local text = mix.json_encode(answer)
  local err = conn:send(text)
  if err then
    mix.log(mix.ERROR, "cannot answer: " .. err)
  end
end

local verbs = {}

function verbs.join(conn, command)
  local before = conn:context_value("current_room_id")
  if before then
    conn:unsubscribe("room:" .. before)
  end
  local err = conn:subscribe("room:" .. command.room)
  if err then
    return reply(conn, { code = 1, msg = err })
  end
  conn:set_context_value("current_room_id", command.room)
  reply(conn, { result = true })
end

function verbs.leave(conn)
  local room = conn:context_value("current_room_id")
  if not room then
    return reply(conn, { code = 2, msg = "in no room" })
  end
  conn:unsubscribe("room:" .. room)
  conn:set_context_value("current_room_id", nil)
  reply(conn, { result = true })
end

function verbs.say(conn, command)
  local room = conn:context_value("current_room_id")
  if not room then
    return reply(conn, { code = 2, msg = "in no room" })
  end
  local line = { from = conn:client_id(), text = command.text }
  local sent, failed = mix.mesh.publish("room:" .. room, mix.json_encode(line))
  mix.log(mix.DEBUG, "sent " .. sent .. " failed " .. failed)
end

function on_handshake(client_id, headers, server)
  mix.websocket():subscribe("everybody")
end

function on_message(msg)
  local conn, err = mix.websocket()
  if err then
    return mix.log(mix.ERROR, err)
  end
  if msg.type ~= "text" then
    return conn:close()
  end
  local command, wrong = mix.json_decode(msg.data)
  if wrong or type(command) ~= "table" then
    return reply(conn, { code = 3, msg = "not JSON" })
  end
  local verb = verbs[command.op]
  if not verb then
    return reply(conn, { code = 4, msg = "unknown op" })
  end
  verb(conn, command)
end

function on_close(client_id, err)
  mix.log(mix.INFO, client_id .. " left")
end
