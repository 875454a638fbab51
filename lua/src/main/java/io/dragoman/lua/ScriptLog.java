// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.concurrent.TimeUnit;

/**
 * What we log about a script: so many lines in a second, and then only how many more there were.
 */
final class ScriptLog {
  private static final int LINES_MAX = 10;
  private static final int LINE_CHARS_MAX = 4_000;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String script;
  private final ScriptHost host;
  private long windowStart;
  private int lines;
  private long left;

  ScriptLog(String script, ScriptHost host) {
    this.script = script;
    this.host = host;
    this.windowStart = host.nanoTime();
  }

  void error(String what) {
    long now = host.nanoTime();
    if (now - windowStart >= WINDOW_NANOS) {
      if (left > 0) {
        host.log(LogLevel.ERROR, script + ": " + left + " more errors were not logged");
      }
      windowStart = now;
      lines = 0;
      left = 0;
    }
    if (++lines > LINES_MAX) {
      left++;
      return;
    }
    String line = script + ": " + what;
    host.log(
        LogLevel.ERROR,
        line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + "..." : line);
  }
}
