-- SPDX-License-Identifier: Apache-2.0
--
-- Runs first in every state: takes away what a script must not have, bounds what could run for ever, and gives
-- the script its functions. What it gets is the host's functions and the limits; what it gives back are the
-- functions that the host calls.
--
-- All code of a script runs in coroutines that are made here (`start`), and all of ours between two callbacks on the
-- main thread. So the watch below stops whatever is not on the main thread.

local host, limits = ...

local error, ipairs, next, pairs, rawget, select = error, ipairs, next, pairs, rawget, select
local setmetatable, tonumber, tostring, type, unpack = setmetatable, tonumber, tostring, type, unpack
local raw_pcall, raw_xpcall, raw_loadstring, collect = pcall, xpcall, loadstring, collectgarbage
local create, resume, yield, running, status =
  coroutine.create, coroutine.resume, coroutine.yield, coroutine.running, coroutine.status
local byte, char, find, format, gmatch, gsub, lower, match, rep, sub =
  string.byte, string.char, string.find, string.format, string.gmatch, string.gsub, string.lower, string.match,
  string.rep, string.sub
local concat, floor, sort = table.concat, math.floor, table.sort
local traceback, sethook, getinfo, getlocal = debug.traceback, debug.sethook, debug.getinfo, debug.getlocal
local bit_library = bit
local G = _G

-- A function of the host that is called on a coroutine leaves a mark for it, which the host removes after each entry.
-- Until then the coroutine must not be collected.
local callers = {}
for name, f in pairs(host) do
  host[name] = function(...)
    local co = running()
    if co then
      callers[co] = true
    end
    return f(...)
  end
end

-- The watch ----------------------------------------------------------------------------------------------------------

-- Where a callback waits for the host, it yields this.
local WAIT = {}

local TICK_INSTRUCTIONS = 1000
local ticks, over = 0, nil

local function too_large()
  if collect("count") <= limits.memory_kib then
    return false
  end
  collect("collect")
  return collect("count") > limits.memory_kib
end

-- LuaJIT's hook is one for all coroutines of a state, and runs only while compiling is off.
local function tick()
  ticks = ticks + 1
  if not over then
    if ticks > limits.ticks then
      over = "stopped: it ran too long (too many instructions)"
    elseif too_large() then
      over = "stopped: it uses too much memory"
    elseif ticks % 8 == 0 and host.late() then
      over = "stopped: it ran too long (time)"
    end
  end
  if over and running() then
    error(over, 0)
  end
end

local function still(...)
  if over then
    error(over, 0)
  end
  return ...
end

-- What was stopped must not go on because someone caught the error.
function G.pcall(f, ...)
  return still(raw_pcall(f, ...))
end

function G.xpcall(f, handler, ...)
  -- The handler of what was stopped would run inside the hook, where nothing could stop it.
  local function guarded(err)
    if over then
      return err
    end
    return handler(err)
  end
  return still(raw_xpcall(f, guarded, ...))
end

local function resumed(co, ok, mark, ...)
  if over then
    error(over, 0)
  end
  if ok and mark == WAIT and status(co) == "suspended" then
    return resumed(co, resume(co, yield(WAIT)))
  end
  return ok, mark, ...
end

function G.coroutine.resume(co, ...)
  return resumed(co, resume(co, ...))
end

local function unwrapped(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

function G.coroutine.wrap(f)
  local co = create(f)
  return function(...)
    return unwrapped(resumed(co, resume(co, ...)))
  end
end

-- What a script has not ----------------------------------------------------------------------------------------------

local function text_of(chunk)
  if byte(chunk, 1) == 27 then
    return nil, "only texts can be loaded"
  end
  return chunk
end

function G.loadstring(chunk, name)
  local text, err = text_of(chunk)
  if not text then
    return nil, err
  end
  return raw_loadstring(text, name or text)
end

function G.load(chunk, name)
  if type(chunk) == "string" then
    return G.loadstring(chunk, name)
  end
  local pieces = {}
  while true do
    local piece = chunk()
    if piece == nil or piece == "" then
      break
    end
    pieces[#pieces + 1] = piece
  end
  return G.loadstring(concat(pieces), name or "=(load)")
end

function G.collectgarbage(what)
  if what == "count" then
    return collect("count")
  end
  collect("collect")
  return 0
end

for _, name in ipairs({ "java", "jit", "io", "package", "module", "dofile", "loadfile", "newproxy", "gcinfo" }) do
  G[name] = nil
end
local raw_os = os
G.os = { clock = raw_os.clock, date = raw_os.date, difftime = raw_os.difftime, time = raw_os.time }
G.debug = { traceback = traceback }
string.dump = nil

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

-- Printing -----------------------------------------------------------------------------------------------------------

local PRETTY_DEPTH = 8

local function pretty(value, depth, seen)
  if type(value) == "string" then
    return depth == 0 and value or format("%q", value)
  elseif type(value) ~= "table" then
    return tostring(value)
  elseif seen[value] or depth > PRETTY_DEPTH then
    return "{...}"
  end
  seen[value] = true
  local keys = {}
  for key in next, value do
    keys[#keys + 1] = key
  end
  sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
      return a < b
    end
    return type(a) < type(b)
  end)
  local out, indent = {}, rep("  ", depth + 1)
  for _, key in ipairs(keys) do
    out[#out + 1] = indent .. "[" .. pretty(key, depth + 1, seen) .. "] = " .. pretty(value[key], depth + 1, seen)
  end
  seen[value] = nil
  if #out == 0 then
    return "{}"
  end
  return "{\n" .. concat(out, ",\n") .. "\n" .. rep("  ", depth) .. "}"
end

local INFO = 1

local function printer(show)
  return function(...)
    local out = {}
    for i = 1, select("#", ...) do
      out[i] = show((select(i, ...)))
    end
    host.log(INFO, concat(out, "\t"))
  end
end

G.print = printer(tostring)
local pretty_print = printer(function(value)
  return pretty(value, 0, {})
end)

-- Modules ------------------------------------------------------------------------------------------------------------

local LOADING = {}
local modules = {}
local built_in = {
  bit = function()
    return bit_library
  end,
  ["utils.prettyprint"] = function()
    G.print = pretty_print
    return true
  end,
}
built_in.prettyprint = built_in["utils.prettyprint"]

function G.require(name)
  local key = gsub(tostring(name), "/", ".")
  if modules[key] == LOADING then
    error("modules require each other: " .. key, 2)
  elseif modules[key] ~= nil then
    return modules[key]
  end
  local source, err = host.module(key)
  local chunk = built_in[key]
  if source then
    chunk, err = G.loadstring(source, "@" .. gsub(key, "%.", "/") .. ".lua")
  end
  if not chunk then
    error("module '" .. key .. "' cannot be loaded: " .. tostring(err), 2)
  end
  modules[key] = LOADING
  local ok, value = raw_pcall(chunk, name)
  if not ok then
    modules[key] = nil
    error(over or value, 0)
  end
  if value == nil then
    value = true
  end
  modules[key] = value
  return value
end

-- Connections --------------------------------------------------------------------------------------------------------

local ids = setmetatable({}, { __mode = "k" })
local connections = setmetatable({}, { __mode = "v" })
local current

local function id_of(connection)
  local id = ids[connection]
  if not id then
    error("a connection was expected (conn:method(), not conn.method())", 3)
  end
  return id
end

-- The host says true and results when it is done, or false when it will resume the callback with them.
local function awaited(done, ...)
  if done then
    return ...
  end
  return yield(WAIT)
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

local function outgoing(data, kind)
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

local legacy = false
local socket = limits.socket

local function encoded(value, connection)
  if type(G.protocol_encode) ~= "function" then
    return payload(value)
  end
  local bytes
  if legacy then
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

local function connection_of(id)
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
  if id ~= current then
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
    yield(WAIT)
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
  local bytes, is_binary, err = outgoing(data, kind)
  if not bytes then
    return err
  end
  return host.send(id, bytes, is_binary)
end

local cleared = setmetatable({}, { __mode = "k" })
if socket then
  function conn:clear_buffer()
    host.clear_buffer(id_of(self))
    cleared[self] = true
  end
end

-- mix ----------------------------------------------------------------------------------------------------------------

local mix = { DEBUG = 0, INFO = INFO, WARN = 2, ERROR = 3 }
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
  elseif not current then
    return nil, "no connection: this is not a callback"
  end
  return connection_of(current)
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
  local bytes, is_binary, err = outgoing(data, kind)
  if not bytes then
    return err
  end
  return awaited(host.mesh_send(tostring(client_id), bytes, is_binary))
end

function mix.mesh.publish(channel, data, kind)
  local bytes, is_binary, err = outgoing(data, kind)
  if not bytes then
    error(err, 2)
  end
  return awaited(host.mesh_publish(tostring(channel), bytes, is_binary))
end

mix.queue = {}

function mix.queue.push(topic, data)
  return awaited(host.queue_push(tostring(topic), data))
end

-- Topics are queues of the broker: there is nothing to make, and their size is not the script's to say.
function mix.queue.new(name)
  local queue = {}
  function queue.push(self, data)
    return mix.queue.push(name, data)
  end
  return queue
end

local function without_redis()
  return nil, "redis is not available"
end

mix.redis = {}
for _, name in ipairs({ "connection", "push", "llen", "set", "get", "incr", "decr" }) do
  mix.redis[name] = without_redis
end

local UNITS = { ns = 1e-6, us = 1e-3, ms = 1, s = 1000, m = 60000, h = 3600000 }

local function millis(timeout)
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
    timeout = millis(options.timeout)
    if not timeout or timeout <= 0 then
      return nil, "not a timeout: " .. tostring(options.timeout)
    end
  end
  url = tostring(url)
  if options.query and options.query ~= "" then
    url = url .. (find(url, "?", 1, true) and "&" or "?") .. tostring(options.query)
  end
  local body = options.form or options.body or ""
  return awaited(host.http(tostring(method), url, timeout, tostring(body), unpack(http_headers(options))))
end

-- What a socket's bytes are to protocol_input ------------------------------------------------------------------------

local buffer_meta = { __metatable = false }
local buffers = setmetatable({}, { __mode = "k" })
local buffer = {}
buffer_meta.__index = buffer

local function buffer_of(data)
  local made = setmetatable({}, buffer_meta)
  buffers[made] = { data = data, at = 0 }
  return made
end

function buffer:tostring()
  return buffers[self].data
end

function buffer:read(n)
  local state = buffers[self]
  if n < 0 or state.at + n > #state.data then
    return nil, "fewer bytes are there"
  end
  local bytes = sub(state.data, state.at + 1, state.at + n)
  state.at = state.at + n
  return bytes
end

function buffer:position()
  return buffers[self].at
end

function buffer:length()
  return #buffers[self].data
end

-- Callbacks ----------------------------------------------------------------------------------------------------------

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
local function is_legacy()
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

local function call(name, ...)
  local f = G[name]
  if f ~= nil then
    return f(...)
  end
end

local events = {}

function events.handshake(id, headers, server)
  any_case(headers)
  if not legacy then
    return call("on_handshake", id, headers, server)
  end
  local connection = connection_of(id)
  call("on_connect", connection)
  for _, key in ipairs({ "Method", "RequestUri", "ServerProtocol" }) do
    headers[key] = server[key]
  end
  call("on_handshake", headers, connection)
end

function events.connect(id)
  call("on_connect", legacy and connection_of(id) or id)
end

function events.message(id, kind, data)
  local message = { type = kind, data = data, finish = true }
  if legacy then
    call("on_message", message, connection_of(id))
  else
    call("on_message", message)
  end
end

function events.close(id, err)
  if legacy then
    call("on_close", err, connection_of(id))
  else
    call("on_close", id, err)
  end
end

-- Small first: packets are mostly far smaller than what arrived at once, and each look is a copy.
local WINDOW_BYTES = 1024

local function packet_length(data, at, connection)
  local window = WINDOW_BYTES
  while true do
    local n = G.protocol_input(buffer_of(sub(data, at, at + window - 1)), legacy and connection or nil)
    if type(n) ~= "number" or n ~= floor(n) then
      error("protocol_input gave no whole number", 0)
    end
    if n ~= 0 or cleared[connection] or at + window > #data then
      return n
    end
    window = window * 2
  end
end

-- Gives what was not used, or nothing when the connection is to be closed.
function events.bytes(id, data)
  local connection = connection_of(id)
  local at = 1
  while at <= #data do
    ticks = 0
    host.next_turn()
    cleared[connection] = nil
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
    if legacy then
      value = G.protocol_decode(packet, connection)
    else
      value = G.protocol_decode(packet)
    end
    if value ~= nil then
      if legacy then
        call("on_message", value, connection)
      else
        call("on_message", value)
      end
    end
    if cleared[connection] then
      return ""
    end
    if host.is_closing(id) then
      return ""
    end
  end
  return sub(data, at)
end

function events.encode(id, value)
  return encoded(value, connection_of(id))
end

-- Entries ------------------------------------------------------------------------------------------------------------

local DONE, WAITING, FAILED = 0, 1, 2
local waiting = {}
local entries = {}

local function text_of_error(err)
  if type(err) == "string" then
    return err
  elseif type(err) == "table" and type(rawget(err, "message")) == "string" then
    return rawget(err, "message")
  end
  return "(error object is a " .. type(err) .. " value)"
end

local function settled(may_wait, id, co, ok, mark, ...)
  current = nil
  local stopped = over
  over = nil
  if stopped then
    return FAILED, stopped
  elseif not ok then
    return FAILED, traceback(co, text_of_error(mark))
  elseif status(co) == "dead" then
    return DONE, mark, ...
  elseif mark == WAIT and may_wait then
    waiting[id] = co
    return WAITING
  end
  return FAILED, "it yields, and no coroutine of the script's own is running"
end

local function begin(id)
  if next(callers) then
    callers = {}
  end
  ticks, over, current = 0, nil, id
end

local function start(may_wait, id, f, ...)
  begin(id)
  local co = create(f)
  return settled(may_wait, id, co, resume(co, ...))
end

-- Runs a script's text once. Nothing can be waited for.
function entries.load(name, source)
  local chunk, err = G.loadstring(source, "@" .. name)
  if not chunk then
    return FAILED, err
  end
  return start(false, nil, function()
    chunk()
    legacy = is_legacy()
    call("init")
    for _, needed in ipairs(socket and { "protocol_input", "protocol_decode", "on_message" } or { "on_message" }) do
      if type(rawget(G, needed)) ~= "function" then
        error("the script has no function " .. needed, 0)
      end
    end
  end)
end

function entries.event(id, name, ...)
  return start(true, id, events[name], id, ...)
end

function entries.encode(id, value)
  return start(false, id, events.encode, id, value)
end

function entries.resume(id, ...)
  local co = waiting[id]
  waiting[id] = nil
  begin(id)
  return settled(true, id, co, resume(co, ...))
end

-- A callback that waits is given up.
function entries.forget(id)
  waiting[id] = nil
end

function entries.memory()
  return collect("count")
end

function entries.collect()
  collect("collect")
  return collect("count")
end

sethook(tick, "", TICK_INSTRUCTIONS)
return entries
