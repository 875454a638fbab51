// SPDX-License-Identifier: Apache-2.0
/**
 * Runs connmix entry scripts: the callbacks and functions that are documented for them, in Lua 5.1,
 * for connections that somebody else holds. See {@link io.dragoman.lua.ScriptRuntime}.
 */
@NullMarked
package io.dragoman.lua;

import org.jspecify.annotations.NullMarked;
