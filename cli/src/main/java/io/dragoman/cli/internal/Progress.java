// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.Locale;

/**
 * A line about long work on standard error, rewritten in place; nothing when that is no terminal.
 * For one thread.
 */
public final class Progress implements AutoCloseable {
  private static final long REDRAW_NANOS = 200_000_000;
  private static final String CLEAR_LINE = "\r\033[K";

  private final Console console;
  private final String verb;
  private final long total;
  private final boolean shown;
  private final long began = System.nanoTime();
  private long drawn = began;

  /**
   * Begins.
   *
   * @param total of how many; negative when that is not known
   */
  public Progress(Console console, String verb, long total, boolean quiet) {
    this.console = console;
    this.verb = verb;
    this.total = total;
    this.shown = console.errIsTerminal() && !quiet;
  }

  /** Says how much is done. */
  public void at(long done) {
    long now = System.nanoTime();
    if (!shown || now - drawn < REDRAW_NANOS) {
      return;
    }
    drawn = now;
    double seconds = (now - began) / 1e9;
    double rate = done / seconds;
    String text = String.format(Locale.ROOT, "%s %,d", verb, done);
    if (total >= 0) {
      long left = rate > 0 ? Math.round((total - done) / rate) : 0;
      text +=
          String.format(
              Locale.ROOT,
              " of %,d (%d%%), %,.0f/s, %d s left",
              total,
              total == 0 ? 100 : done * 100 / total,
              rate,
              left);
    } else {
      text += String.format(Locale.ROOT, ", %,.0f/s", rate);
    }
    line(text);
  }

  /** Shows a line of one's own instead. */
  public void line(String text) {
    if (shown) {
      console.err().print(CLEAR_LINE + text);
      console.err().flush();
    }
  }

  /** Removes the line. */
  @Override
  public void close() {
    line("");
  }
}
