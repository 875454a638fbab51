// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Result;
import io.dragoman.core.spi.LogStore.Stretch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The subscribers of one pattern on one lane. Records are routed to groups; who belongs to one is
 * looked up on its lane, so that coming and going costs nothing on the thread that routes.
 *
 * <p>Those that must read from the same place share one read and the lists that it gives, and so
 * what listeners make of those. That is how all of them are when their lane did not keep up, and
 * together they read no more than one alone would.
 */
final class PatternGroup {
  /*
   * Why readers come back to the tail while records keep coming: what is pushed during a read is
   * kept. A read that reaches what had been pushed when it began, which is all that is asked of it,
   * is followed by what was kept.
   */
  private final LogContext context;
  private final ChannelFilter filter;
  private final LaneFeed feed;
  private final SnapshotSet<FilterCursor> cursors = new SnapshotSet<>();

  /** Reads under way, by where they begin. On the lane only. */
  private final Map<Long, Reading> readings = new HashMap<>(4);

  private static final class Reading {
    final List<FilterCursor> cursors = new ArrayList<>();

    /** What the lane had seen when it began, and what it keeps since. */
    final long seen;

    final long keptFrom;

    Reading(long seen, long keptFrom) {
      this.seen = seen;
      this.keptFrom = keptFrom;
    }
  }

  PatternGroup(LogContext context, ChannelFilter filter, LaneFeed feed) {
    this.context = context;
    this.filter = filter;
    this.feed = feed;
  }

  ChannelFilter filter() {
    return filter;
  }

  LaneFeed feed() {
    return feed;
  }

  void add(FilterCursor cursor) {
    cursors.add(cursor);
  }

  /** Removes a subscriber; gives whether it was the last one. */
  boolean remove(FilterCursor cursor) {
    return cursors.removeLast(cursor);
  }

  List<FilterCursor> cursors() {
    return cursors.snapshot();
  }

  /** Reads behind a place for a subscriber, which hears of the outcome once; on the lane. */
  void read(long from, FilterCursor cursor) {
    Reading under = readings.get(from);
    if (under != null) {
      under.cursors.add(cursor);
      return;
    }
    context.metrics().logReads().increment();
    CompletionStage<Result<Stretch>> outcome =
        context.store().readAfter(filter, from, context.batchMax(), LogContext.BATCH_BYTES_MAX);
    Reading begun = new Reading(feed.lastSeen(), feed.keep());
    begun.cursors.add(cursor);
    readings.put(from, begun);
    outcome.whenComplete(
        (result, failure) ->
            feed.lane()
                .execute(
                    () -> {
                      readings.remove(from);
                      done(begun, failure == null ? result : cursor.fault(failure));
                    }));
  }

  private void done(Reading reading, Result<Stretch> result) {
    List<FilterCursor> reached = new ArrayList<>();
    boolean kept = feed.keepsFrom(reading.keptFrom);
    for (FilterCursor each : reading.cursors) {
      if (each.onRead(result) && each.caughtUp(kept ? reading.seen : feed.lastSeen())) {
        reached.add(each);
      }
    }
    if (!reached.isEmpty()) {
      feed.eachKeptFrom(
          reading.keptFrom,
          push -> {
            if (push.groups().contains(this)) {
              reached.forEach(each -> each.onAppended(push.records()));
            }
          });
    }
    feed.keepNoMore();
  }
}
