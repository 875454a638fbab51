-- SPDX-License-Identifier: Apache-2.0
--
-- require, for files of the script's directory and what is built in.

local host, _, prelude = ...

local error, tostring, gsub = error, tostring, string.gsub
local bit_library = bit
local G = _G

local LOADING = {}
local modules = {}
local built_in = {
  bit = function()
    return bit_library
  end,
  ["utils.prettyprint"] = function()
    G.print = prelude.pretty_print
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
  local ok, value = prelude.pcall(chunk, name)
  if not ok then
    modules[key] = nil
    error(prelude.stopped() or value, 0)
  end
  if value == nil then
    value = true
  end
  modules[key] = value
  return value
end
