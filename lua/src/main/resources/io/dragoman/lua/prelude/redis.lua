-- SPDX-License-Identifier: Apache-2.0
--
-- mix.redis.

local host, _, prelude = ...

local error, floor, setmetatable, tostring = error, math.floor, setmetatable, tostring
local mix = mix

-- What is meant where no name is said.
local DEFAULT = "default"

local names = setmetatable({}, { __mode = "k" })
local redis = {}
local redis_meta = { __index = redis, __metatable = false, __tostring = function(one)
  return "redis: " .. tostring(names[one])
end }

function redis:command(...)
  local name = names[self]
  if not name then
    error("a redis was expected (redis:command(), not redis.command())", 2)
  end
  return prelude.awaited(host.redis(name, ...))
end

mix.redis = {}

-- Connects nothing yet: that is done when there is a command.
function mix.redis.connection(name)
  name = tostring(name or DEFAULT)
  local refusal = host.redis_refusal(name)
  if refusal then
    return nil, refusal
  end
  local one = setmetatable({}, redis_meta)
  names[one] = name
  return one
end

-- The older functions -------------------------------------------------------------------------------------------------

local function command(...)
  return prelude.awaited(host.redis(DEFAULT, ...))
end

-- An event for backends that take it from a list.
function mix.redis.push(list, data)
  return prelude.awaited(host.redis_push(DEFAULT, tostring(list), data))
end

function mix.redis.llen(list)
  return command("LLEN", list)
end

function mix.redis.set(key, value, expire)
  if not expire or expire == 0 then
    return command("SET", key, value)
  end
  local millis = prelude.millis(expire)
  if not millis or millis < 1 then
    return nil, "not a time until something expires: " .. tostring(expire)
  end
  return command("SET", key, value, "PX", floor(millis))
end

function mix.redis.get(key)
  return command("GET", key)
end

function mix.redis.incr(key)
  return command("INCR", key)
end

function mix.redis.decr(key)
  return command("DECR", key)
end
