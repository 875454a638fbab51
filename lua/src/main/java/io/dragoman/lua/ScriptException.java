// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/** A script cannot be run: it cannot be read, is not Lua, or fails when it is loaded. */
public final class ScriptException extends RuntimeException {

  public ScriptException(String message) {
    super(message);
  }

  public ScriptException(String message, Throwable cause) {
    super(message, cause);
  }
}
