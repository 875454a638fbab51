// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.HistoryStart;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which history is asked for: {@code since}, {@code sinceEventId} and {@code limit} (spec: eventhub
 * §3; seed: since may be an event's id).
 *
 * @param start null when none is asked for
 */
record HistoryRequest(@Nullable HistoryStart start, int limit) {

  static HistoryRequest of(Params params, int limitMax, long nowNanos) {
    long limit = params.number("limit", limitMax);
    int events = limit < 0 || limit > limitMax ? limitMax : (int) limit;
    return new HistoryRequest(start(params, nowNanos), events);
  }

  private static @Nullable HistoryStart start(Params params, long nowNanos) {
    String id = params.textOrEmpty("sinceEventId");
    if (!id.isEmpty()) {
      return EventIds.after(id);
    }
    String since = params.text("since");
    return since == null ? since(params.number("since", 0), nowNanos) : since(since);
  }

  /** A text is an event's id, or says nothing: a time is a number. */
  static @Nullable HistoryStart since(String text) {
    return text.indexOf('-') > 0 ? EventIds.after(text) : null;
  }

  /** From a time, or from so long ago when it is negative; 0 asks for nothing. */
  static @Nullable HistoryStart since(long millis, long nowNanos) {
    if (millis == 0) {
      return null;
    }
    long now = TimeUnit.NANOSECONDS.toMillis(nowNanos);
    return new HistoryStart.AtTime(millis > 0 ? millis : Math.max(0, now + Math.max(millis, -now)));
  }
}
