-- SPDX-License-Identifier: Apache-2.0
--
-- What a socket's bytes are to protocol_input.

local _, _, prelude = ...

local setmetatable, sub = setmetatable, string.sub

local buffer_meta = { __metatable = false }
local buffers = setmetatable({}, { __mode = "k" })
local buffer = {}
buffer_meta.__index = buffer

function prelude.buffer_of(data)
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
