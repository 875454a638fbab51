// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times as programs and as people read them. */
public final class Times {
  private static final DateTimeFormatter HUMAN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private Times() {}

  /** The protocols' nanoseconds since 1970; null for 0, which means "not set". */
  public static @Nullable Instant ofNanos(long nanos) {
    return nanos == 0
        ? null
        : Instant.ofEpochSecond(
            Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
  }

  /** RFC 3339 in UTC, as in the broker's own API. */
  static String json(Instant time) {
    return DateTimeFormatter.ISO_INSTANT.format(time);
  }

  /**
   * In the zone of this machine. Takes an instant or its RFC 3339 text; others stay as they are.
   */
  public static String human(@Nullable Object time) {
    if (time instanceof Instant instant) {
      return HUMAN.format(instant.atZone(ZoneId.systemDefault()));
    }
    if (time instanceof String text) {
      try {
        return human(Instant.parse(text));
      } catch (DateTimeException e) {
        return text;
      }
    }
    return "";
  }

  /** For example 850 ms, 12.3 s, 4 min 10 s, 3 h 5 min. */
  public static String human(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }
    if (duration.toHours() < 1) {
      return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
    return duration.toHours() + " h " + duration.toMinutesPart() + " min";
  }
}
