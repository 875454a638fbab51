// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore.Place;
import io.dragoman.core.spi.LogStore.Stretch;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A subscription of all logs that match a pattern: a place in the order of storing. While it is at
 * the tail it takes what is pushed; when it was paused or pushes were dropped it reads from the
 * logs until it has caught up. Begins paused. Paused, it remembers its place and nothing else.
 *
 * <p>All state but the start and the end belongs to the lane.
 */
final class FilterCursor implements LogMember {
  /*
   * Why there is no gap: it is in the index before its first place is taken, so every record is
   * before that place or pushed later. Pushes that it could not take lie between its place and what
   * its lane has seen; it is at the tail only when its place covers that. There is no duplicate
   * because a push that reaches back before the place is cut.
   */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LogContext context;
  private final FilterIndex index;
  private final ChannelFilter filter;
  private final LaneFeed feed;
  private final LogListener listener;
  private final Runnable whenLeft;
  private final Throttle faults = new Throttle();
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Everything wanted up to here was handed out. Written on the lane only, but for the start. */
  private volatile Place place = new Place(0, 0);

  // On the lane only.
  private boolean atTail;
  private boolean paused = true;
  private boolean reading;

  FilterCursor(
      LogContext context,
      FilterIndex index,
      ChannelFilter filter,
      LaneFeed feed,
      LogListener listener,
      Runnable whenLeft) {
    this.context = context;
    this.index = index;
    this.filter = filter;
    this.feed = feed;
    this.listener = listener;
    this.whenLeft = whenLeft;
  }

  ChannelFilter filter() {
    return filter;
  }

  LaneFeed feed() {
    return feed;
  }

  /** Begins behind this place; once, before anybody can resume it. */
  void start(Place behind) {
    place = behind;
  }

  @Override
  public boolean isOpen() {
    return open.get();
  }

  /** New records; on the lane. */
  void onAppended(Durability durability, List<LogRecord> records) {
    if (!atTail || paused || !open.get()) {
      return;
    }
    List<LogRecord> rest = behind(place.of(durability), records);
    if (!rest.isEmpty()) {
      deliver(rest, place.with(durability, rest.get(rest.size() - 1).timestampNanos()));
    }
  }

  /** Records were not pushed that should have been; on the lane. */
  void onDropped() {
    if (open.get()) {
      readOn();
    }
  }

  @Override
  public void resume() {
    lane()
        .execute(
            () -> {
              if (paused) {
                paused = false;
                catchUp();
              }
            });
  }

  /** There is no position to be kept. */
  @Override
  public void delivered(long sequence) {
    // Sequences of several logs say nothing together.
  }

  @Override
  public void close() {
    if (open.getAndSet(false)) {
      left();
    }
  }

  @Override
  public void end(BrokerError reason) {
    if (open.getAndSet(false)) {
      left();
      lane().execute(() -> listener.onEnd(reason));
    }
  }

  private void left() {
    index.remove(this);
    whenLeft.run();
  }

  private Lane lane() {
    return feed.lane();
  }

  private void catchUp() {
    if (place.covers(feed.lastSeen())) {
      atTail = true;
      try {
        listener.onCaughtUp();
      } catch (Throwable e) {
        failed(e);
      }
    } else {
      readOn();
    }
  }

  private void readOn() {
    atTail = false;
    if (reading || paused || !open.get()) {
      return;
    }
    reading = true;
    context.metrics().logReads().increment();
    context
        .store()
        .readAfter(filter, place, context.batchMax(), LogContext.BATCH_BYTES_MAX)
        .whenComplete(
            (result, failure) ->
                lane()
                    .execute(
                        () -> {
                          reading = false;
                          if (open.get()) {
                            onRead(failure == null ? result : fault(failure));
                          }
                        }));
  }

  private void onRead(Result<Stretch> result) {
    if (result instanceof Result.Refused<Stretch> refused) {
      onRefused(refused.error());
      return;
    }
    Stretch stretch = result.orThrow();
    if (stretch.records().isEmpty()) {
      place = stretch.place();
    } else {
      deliver(stretch.records(), stretch.place());
    }
    if (!paused && open.get()) {
      catchUp();
    }
  }

  private void onRefused(BrokerError error) {
    if (error.code() == ErrorCode.OVERLOADED) {
      context.timers().schedule(() -> lane().execute(this::readOn), RETRY_NANOS);
    } else {
      end(error);
    }
  }

  /**
   * @param behind the place when they have been taken
   */
  private void deliver(List<LogRecord> records, Place behind) {
    try {
      if (!listener.takes()) {
        paused = true;
        return;
      }
      place = behind;
      paused = !listener.onRecords(records);
      context.metrics().messagesOut(Kind.LOG, records.size());
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** Going on would skip what this listener did not take. */
  private void failed(Throwable e) {
    context.metrics().listenerFailures().increment();
    if (faults.pass()) {
      Loggers.LOGS.error("a subscriber of the logs {} failed", filter.text(), e);
    }
    end(LogContext.FAULT);
  }

  private <T> Result<T> fault(Throwable e) {
    if (faults.pass()) {
      Loggers.LOGS.error("the engine failed on the logs {}", filter.text(), e);
    }
    return Result.refused(LogContext.FAULT);
  }

  /** Those stored after a time; the list itself when that is all of it. */
  private static List<LogRecord> behind(long nanos, List<LogRecord> records) {
    int skipped = 0;
    while (skipped < records.size() && records.get(skipped).timestampNanos() <= nanos) {
      skipped++;
    }
    return skipped == 0 ? records : records.subList(skipped, records.size());
  }
}
