// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/**
 * The files of a script as they last could be run: what all its runtimes are loaded from. {@link
 * #look} is for one thread, which it blocks; the rest is safe from any.
 */
public final class ScriptSource {
  private final LuaScript script;
  private final ScriptHost host;
  private volatile ScriptSnapshot current;

  /** Those that were looked at last; they may be ones that cannot be run. */
  private ScriptSnapshot seen;

  private String fault = "";

  /**
   * Reads the script, and loads it once in vain. Blocks.
   *
   * @throws ScriptException if it cannot be read or fails
   */
  public ScriptSource(LuaScript script, ScriptHost host) {
    this.script = script;
    this.host = host;
    this.seen = ScriptSnapshot.read(script.entry());
    tryOut(seen);
    this.current = seen;
  }

  private void tryOut(ScriptSnapshot files) {
    new ScriptRuntime(script, files, host, task -> {}).close();
  }

  /** The files to be run. */
  public ScriptSnapshot current() {
    return current;
  }

  /**
   * Reads the files again if they have changed. If the script cannot be run then, that is logged,
   * once, and the current ones stay.
   *
   * @return whether there are other ones now
   */
  public boolean look() {
    if (!seen.isOutdated()) {
      return false;
    }
    try {
      ScriptSnapshot read = ScriptSnapshot.read(script.entry());
      boolean same = read.sameFiles(seen);
      seen = read;
      if (same) {
        return false;
      }
      tryOut(read);
      current = read;
      fault = "";
      return true;
    } catch (ScriptException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.equals(fault)) {
        host.log(LogLevel.ERROR, ScriptLog.cut(script.name() + ": " + message));
      }
      fault = message;
      return false;
    }
  }
}
