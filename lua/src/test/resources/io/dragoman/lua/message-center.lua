-- SPDX-License-Identifier: Apache-2.0
-- Messages for users: the token of a client is asked for over HTTP, then it is a member of its user's channel.
require("utils.prettyprint")

local function answer(conn, value)
  conn:send(mix.json_encode(value))
end

local function authenticate(conn, token)
  local resp, err = mix.http.request("POST", mix.server.option("auth") or "http://auth.local/check", {
    headers = { ["Content-Type"] = "application/json" },
    body = mix.json_encode({ token = token }),
    timeout = "3s",
  })
  if err or resp.status_code ~= 200 then
    return nil, err or ("status " .. resp.status_code)
  end
  local user, wrong = mix.json_decode(resp.body)
  if wrong then
    return nil, wrong
  end
  return user.uid
end

function on_handshake(client_id, headers, server)
  if mix.parse_url(server.RequestUri).path ~= "/message-center" then
    mix.websocket():close()
  end
end

function on_message(msg)
  local conn = mix.websocket()
  if msg.type ~= "text" then
    conn:close()
    return
  end
  local command = mix.json_decode(msg.data) or {}
  if command.op ~= "auth" then
    return answer(conn, { code = 1, msg = "auth first" })
  end
  local uid, err = authenticate(conn, command.token)
  if not uid then
    return answer(conn, { code = 2, msg = err })
  end
  conn:set_context({ uid = uid })
  conn:subscribe("user:" .. uid)
  answer(conn, { result = true })
end

function on_close(client_id, err)
  local conn = mix.websocket()
  print(conn:context())
end
