// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.nio.file.Path;
import java.util.Map;

/**
 * A script and how it is to be run.
 *
 * @param entry its file; what it requires is looked for in the file's directory and below only
 * @param protocol what its connections speak
 * @param options what {@code mix.server.option} gives
 * @param limits what one callback and one state may use
 */
public record LuaScript(
    Path entry, ScriptProtocol protocol, Map<String, String> options, ScriptLimits limits) {

  public LuaScript {
    entry = entry.toAbsolutePath().normalize();
    options = Map.copyOf(options);
  }

  /** Its name in messages. */
  public String name() {
    return String.valueOf(entry.getFileName());
  }
}
