-- SPDX-License-Identifier: Apache-2.0
--
-- mix.redis.

local mix = mix

local function without_redis()
  return nil, "redis is not available"
end

mix.redis = {}
for _, name in ipairs({ "connection", "push", "llen", "set", "get", "incr", "decr" }) do
  mix.redis[name] = without_redis
end
