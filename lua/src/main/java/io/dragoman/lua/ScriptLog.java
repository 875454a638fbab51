// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.concurrent.TimeUnit;

/**
 * What a script logs, and what we log about it: so many lines in a second, and then only how many
 * more there were. A script that logs much does not keep our errors from being seen.
 */
final class ScriptLog {
  private static final int ERRORS_MAX = 10;
  private static final int LINES_MAX = 100;
  private static final int LINE_CHARS_MAX = 4_000;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String script;
  private final ScriptHost host;
  private final Window errors;
  private final Window lines;

  ScriptLog(String script, ScriptHost host) {
    this.script = script;
    this.host = host;
    this.errors = new Window(ERRORS_MAX, LogLevel.ERROR, "more errors were not logged");
    this.lines = new Window(LINES_MAX, LogLevel.WARN, "more lines were not logged");
  }

  /** Lines of one kind. */
  private final class Window {
    private final int linesMax;
    private final LogLevel level;
    private final String words;
    private long start = host.nanoTime();
    private int lines;
    private long left;

    Window(int linesMax, LogLevel level, String words) {
      this.linesMax = linesMax;
      this.level = level;
      this.words = words;
    }

    void add(LogLevel of, String what) {
      long now = host.nanoTime();
      if (now - start >= WINDOW_NANOS) {
        if (left > 0) {
          host.log(level, script + ": " + left + " " + words);
        }
        start = now;
        lines = 0;
        left = 0;
      }
      if (++lines > linesMax) {
        left++;
        host.lineLost();
        return;
      }
      host.log(of, cut(script + ": " + what));
    }
  }

  static String cut(String line) {
    return line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + "..." : line;
  }

  /** Something that went wrong with the script. */
  void error(String what) {
    errors.add(LogLevel.ERROR, what);
  }

  /** Something that the script says. */
  void line(LogLevel level, String what) {
    lines.add(level, what);
  }
}
