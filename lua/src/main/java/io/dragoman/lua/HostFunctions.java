// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.HashMap;
import java.util.Map;
import party.iroiro.luajava.JFunction;

/**
 * The functions that the prelude is given: arguments from the stack of the calling coroutine,
 * results onto it.
 */
final class HostFunctions {
  private HostFunctions() {}

  /** All of them, by the names that the prelude has for them. */
  static Map<String, JFunction> of(ScriptRuntime runtime, ScriptFiles files) {
    Map<String, JFunction> functions = new HashMap<>();
    Waits waits = new Waits(runtime);
    new EngineFunctions(runtime, files).addTo(functions);
    new TextFunctions(runtime.script().limits()).addTo(functions);
    new ConnectionFunctions(runtime).addTo(functions);
    new MeshFunctions(runtime, waits).addTo(functions);
    new HttpFunctions(runtime, waits).addTo(functions);
    new RedisFunctions(runtime, waits).addTo(functions);
    return functions;
  }
}
