-- SPDX-License-Identifier: Apache-2.0
--
-- mix.http.

local host, _, prelude = ...

local pairs, tonumber, tostring, type, unpack = pairs, tonumber, tostring, type, unpack
local find, match, concat, sort = string.find, string.match, table.concat, table.sort
local mix = mix

local UNITS = { ns = 1e-6, us = 1e-3, ms = 1, s = 1000, m = 60000, h = 3600000 }

-- Of seconds, or of a text such as "1m30s"; nil when it is none.
function prelude.millis(timeout)
  if type(timeout) == "number" then
    return timeout * 1000
  elseif tonumber(timeout) then
    return tonumber(timeout) * 1000
  end
  local sum, rest = 0, tostring(timeout)
  while rest ~= "" do
    local number, unit, after = match(rest, "^(%d+%.?%d*)([a-z]+)(.*)$")
    if not number or not UNITS[unit] then
      return nil
    end
    sum, rest = sum + tonumber(number) * UNITS[unit], after
  end
  return sum
end

local function http_headers(options)
  local headers = {}
  for name, value in pairs(options.headers or {}) do
    headers[#headers + 1] = tostring(name)
    headers[#headers + 1] = tostring(value)
  end
  if options.cookies then
    local cookies = {}
    for name, value in pairs(options.cookies) do
      cookies[#cookies + 1] = tostring(name) .. "=" .. tostring(value)
    end
    sort(cookies)
    headers[#headers + 1] = "Cookie"
    headers[#headers + 1] = concat(cookies, "; ")
  end
  if options.auth then
    local user = tostring(options.auth.username or "") .. ":" .. tostring(options.auth.password or "")
    headers[#headers + 1] = "Authorization"
    headers[#headers + 1] = "Basic " .. host.base64_encode(user)
  end
  if options.form then
    headers[#headers + 1] = "Content-Type"
    headers[#headers + 1] = "application/x-www-form-urlencoded"
  end
  return headers
end

mix.http = {}

function mix.http.request(method, url, options)
  options = options or {}
  local timeout = 0
  if options.timeout then
    timeout = prelude.millis(options.timeout)
    if not timeout or timeout <= 0 then
      return nil, "not a timeout: " .. tostring(options.timeout)
    end
  end
  url = tostring(url)
  if options.query and options.query ~= "" then
    url = url .. (find(url, "?", 1, true) and "&" or "?") .. tostring(options.query)
  end
  local body = options.form or options.body or ""
  return prelude.awaited(host.http(tostring(method), url, timeout, tostring(body), unpack(http_headers(options))))
end
