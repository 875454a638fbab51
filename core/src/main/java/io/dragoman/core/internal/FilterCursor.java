// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Result;
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
   * its lane has seen; it is at the tail only when its place is not before that. There is no
   * duplicate because a push that reaches back before the place is cut.
   */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LogContext context;
  private final FilterIndex index;
  private final PatternGroup group;
  private final LogListener listener;
  private final Runnable whenLeft;
  private final Throttle faults = new Throttle();
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Everything wanted up to here was handed out. Written on the lane only, but for the start. */
  private volatile long place;

  // On the lane only.
  private boolean atTail;
  private boolean paused = true;
  private boolean reading;

  FilterCursor(
      LogContext context,
      FilterIndex index,
      PatternGroup group,
      LogListener listener,
      Runnable whenLeft) {
    this.context = context;
    this.index = index;
    this.group = group;
    this.listener = listener;
    this.whenLeft = whenLeft;
  }

  PatternGroup group() {
    return group;
  }

  /** Begins behind this place; once, before anybody can resume it. */
  void start(long behind) {
    place = behind;
  }

  @Override
  public boolean isOpen() {
    return open.get();
  }

  /** New records; on the lane. */
  void onAppended(List<LogRecord> records) {
    if (!atTail || paused || !open.get()) {
      return;
    }
    List<LogRecord> rest = group.feed().behind(place, records);
    if (!rest.isEmpty()) {
      deliver(rest, rest.get(rest.size() - 1).timestampNanos());
    }
  }

  /**
   * Records were not pushed that should have been; on the lane.
   *
   * @param before everything up to here was pushed
   */
  void onDropped(long before) {
    if (!open.get()) {
      return;
    }
    if (atTail && !paused) {
      // So that all who were at the tail are at one place, whenever they came, and read together.
      place = Math.max(place, before);
    }
    readOn();
  }

  @Override
  public void resume() {
    lane()
        .execute(
            () -> {
              if (paused) {
                paused = false;
                var unused = caughtUp(group.feed().lastSeen());
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
    return group.feed().lane();
  }

  /**
   * Is at the tail from now on if all that lies before a place has come, and reads on if not; gives
   * which. On the lane.
   */
  boolean caughtUp(long seen) {
    boolean reached = place >= seen;
    if (reached) {
      atTail = true;
      try {
        listener.onCaughtUp();
      } catch (Throwable e) {
        failed(e);
      }
    } else {
      readOn();
    }
    return reached;
  }

  private void readOn() {
    atTail = false;
    if (!reading && !paused && open.get()) {
      reading = true;
      group.read(place, this);
    }
  }

  /** What it has asked its group for; gives whether it takes more. On the lane. */
  boolean onRead(Result<Stretch> result) {
    reading = false;
    if (!open.get()) {
      return false;
    }
    if (result instanceof Result.Refused<Stretch> refused) {
      onRefused(refused.error());
      return false;
    }
    Stretch stretch = result.orThrow();
    if (stretch.records().isEmpty()) {
      place = stretch.placeNanos();
    } else {
      deliver(stretch.records(), stretch.placeNanos());
    }
    return !paused && open.get();
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
  private void deliver(List<LogRecord> records, long behind) {
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
      Loggers.LOGS.error("a subscriber of the logs {} failed", group.filter().text(), e);
    }
    end(LogContext.FAULT);
  }

  <T> Result<T> fault(Throwable e) {
    if (faults.pass()) {
      Loggers.LOGS.error("the engine failed on the logs {}", group.filter().text(), e);
    }
    return Result.refused(LogContext.FAULT);
  }
}
