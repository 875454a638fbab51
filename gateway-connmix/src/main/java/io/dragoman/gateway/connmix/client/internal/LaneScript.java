// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Lane;
import io.dragoman.lua.LuaScript;
import io.dragoman.lua.ScriptConnection;
import io.dragoman.lua.ScriptHost;
import io.dragoman.lua.ScriptRuntime;
import io.dragoman.lua.ScriptSession;
import io.dragoman.lua.ScriptSnapshot;
import java.util.function.Supplier;

/**
 * A script on one lane. Used on its lane, but for {@link #reload} and {@link #close}.
 *
 * <p>There is a lock, which nobody waits for while the lane lives. When the broker stops the lane
 * is gone and somebody else has to give the script's memory back; a state that is closed while it
 * runs would take the process with it, so that must not depend on the lane's having ended in time.
 */
final class LaneScript implements AutoCloseable {
  private final Lane lane;
  private final ScriptRuntime runtime;

  /**
   * Loads it. On its lane.
   *
   * @throws io.dragoman.lua.ScriptException if it fails
   */
  LaneScript(Lane lane, LuaScript script, ScriptSnapshot files, ScriptHost host) {
    this.lane = lane;
    this.runtime = new ScriptRuntime(script, files, host, task -> lane.execute(() -> run(task)));
  }

  synchronized ScriptSession open(ScriptConnection connection) {
    return runtime.open(connection);
  }

  /** Does something with a session. */
  synchronized void run(Runnable task) {
    task.run();
  }

  /** Does something with a session, and gives what came of it. */
  synchronized <T> T give(Supplier<T> task) {
    return task.get();
  }

  /** Loads it again, soon, if it is another in these. From any thread. */
  void reload(ScriptSnapshot files) {
    lane.execute(() -> run(() -> runtime.reload(files)));
  }

  /** From any thread but the lane's. */
  @Override
  public synchronized void close() {
    runtime.close();
  }
}
