-- SPDX-License-Identifier: Apache-2.0
-- Market data: everybody may follow what is public, and who has logged in what is their own.
local PUBLIC = { depth = true, trades = true, markprice = true, ticker = true, kline = true }
local PRIVATE = { balance = true, order = true, position = true, account = true }

local function login(conn, command)
  local resp, err = mix.http.request("GET", "http://auth.local/login", { query = "token=" .. command.token })
  if err then
    return nil, err
  end
  local user = mix.json_decode(resp.body) or {}
  if not user.uid then
    return nil, "unknown token"
  end
  conn:set_context_value("uid", user.uid)
  return true
end

local function allowed(conn, channel)
  local parts = mix.str_split(channel, "@")
  local owner, stream = parts[1], parts[2]
  if #parts == 2 and PUBLIC[stream] then
    return true
  end
  return #parts == 2 and PRIVATE[stream] and owner == conn:context_value("uid")
end

function on_handshake() end

function on_message(msg)
  local conn = mix.websocket()
  local command = mix.json_decode(msg.data)
  local ok, err
  if command.op == "auth" then
    ok, err = login(conn, command)
  elseif not allowed(conn, command.channel) then
    err = "not allowed"
  elseif command.op == "subscribe" then
    err = conn:subscribe("ex:" .. command.channel)
  else
    err = conn:unsubscribe("ex:" .. command.channel)
  end
  if err then
    conn:send(mix.json_encode({ code = 1, msg = err }))
  else
    conn:send(mix.json_encode({ result = true }))
  end
end

function on_close() end
