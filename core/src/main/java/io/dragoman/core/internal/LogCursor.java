// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Result;
import io.dragoman.core.internal.Positions.Position;
import io.dragoman.core.spi.LogStore.Piece;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of its own: a place in the log. While it is at the tail it takes what is pushed;
 * otherwise, and whenever something is missing between its place and what is pushed, it reads from
 * the log until it has caught up. Paused, it remembers its place and nothing else.
 *
 * <p>All state but the place and the end belongs to the lane.
 */
final class LogCursor implements LogMember {
  /*
   * Why there is no gap between reading and being pushed to: the tail was registered before the first
   * read. A record therefore is either seen by a read or pushed later. When a read finds the end, or
   * when everything this lane was ever pushed lies before the place, what follows will be pushed
   * after this moment, and the cursor is at the tail. There is no duplicate because a push that
   * reaches back before the place is cut.
   */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LogContext context;
  private final LogChannel channel;
  private final Lane lane;
  private final LaneTail tail;
  private final LogListener listener;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private volatile @Nullable Position position;

  /** The sequence it gets next. Written on the lane only, but for the start. */
  private volatile long next;

  // On the lane only.
  private boolean atTail;
  private boolean paused;
  private boolean reading;

  /**
   * @param paused whether it waits for {@link #resume} before it gives anything
   */
  LogCursor(
      LogContext context,
      LogChannel channel,
      Lane lane,
      LaneTail tail,
      LogListener listener,
      boolean paused) {
    this.context = context;
    this.channel = channel;
    this.lane = lane;
    this.tail = tail;
    this.listener = listener;
    this.paused = paused;
  }

  /** Begins with this sequence; once. */
  void start(long first, @Nullable Position durable) {
    next = first;
    position = durable;
    lane.execute(this::readOn);
  }

  LaneTail tail() {
    return tail;
  }

  @Override
  public boolean isOpen() {
    return open.get();
  }

  /** New records; on the lane. */
  void onTail(List<LogRecord> records) {
    if (!atTail || paused || !open.get() || LogContext.lastOf(records) < next) {
      return;
    }
    if (LogContext.firstOf(records) > next) {
      readOn();
    } else {
      deliver(LogContext.from(next, records), next);
    }
  }

  @Override
  public void resume() {
    lane.execute(
        () -> {
          if (paused) {
            paused = false;
            if (!atTail || tail.lastSeen() >= next) {
              readOn();
            } else {
              caughtUp();
            }
          }
        });
  }

  @Override
  public void delivered(long sequence) {
    Position durable = position;
    if (durable != null) {
      // Never past what was handed out, whatever the caller says: a position must not skip.
      durable.moveTo(Math.min(sequence, next - 1));
    }
  }

  @Override
  public void close() {
    if (open.getAndSet(false)) {
      Position durable = position;
      if (durable != null) {
        durable.close();
      }
      channel.left(this);
    }
  }

  @Override
  public void end(BrokerError reason) {
    if (!open.getAndSet(false)) {
      return;
    }
    Position durable = position;
    if (durable != null && reason.code() == ErrorCode.CHANNEL_DELETED) {
      durable.discard();
    } else if (durable != null) {
      durable.close();
    }
    channel.left(this);
    lane.execute(() -> listener.onEnd(reason));
  }

  private void readOn() {
    atTail = false;
    if (reading || paused || !open.get()) {
      return;
    }
    reading = true;
    long from = next;
    tail.read(from, this, () -> context.read(channel.name(), from, context.batchMax()));
  }

  <T> Result<T> fault(Throwable e) {
    return channel.fault(e);
  }

  /**
   * What was read for it; on the lane.
   *
   * @param seen the last sequence that was known when the read began
   */
  void onRead(Result<Piece> result, long seen) {
    reading = false;
    if (!open.get()) {
      return;
    }
    if (result instanceof Result.Refused<Piece> refused) {
      onRefused(refused.error());
      return;
    }
    Piece piece = result.orThrow();
    boolean end = piece.isEnd(next);
    if (!piece.records().isEmpty()) {
      deliver(piece.records(), piece.nextSequence());
    } else if (!end) {
      next = piece.nextSequence();
    }
    if (!reached(end, seen)) {
      readOn();
      return;
    }
    atTail = true;
    if (!paused && open.get()) {
      caughtUp();
    }
  }

  /**
   * Whether all that this lane was ever pushed is behind, or cannot be read: that was of a log that
   * is gone, and says nothing of what comes. Only what was pushed since is worth another read.
   */
  private boolean reached(boolean end, long seen) {
    long pushed = tail.lastSeen();
    return end ? pushed < next || pushed == seen : pushed > 0 && pushed < next;
  }

  private void caughtUp() {
    try {
      listener.onCaughtUp();
    } catch (Throwable e) {
      failed(e);
    }
  }

  private void onRefused(BrokerError error) {
    if (error.code() == ErrorCode.OVERLOADED) {
      context.timers().schedule(() -> lane.execute(this::readOn), RETRY_NANOS);
    } else {
      end(error);
    }
  }

  /**
   * @param behind where to go on, if that is not right behind the last
   */
  private void deliver(List<LogRecord> records, long behind) {
    try {
      if (!listener.takes()) {
        paused = true;
        return;
      }
      next = Math.max(behind, LogContext.lastOf(records) + 1);
      paused = !listener.onRecords(records);
      channel.delivered(records.size());
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** Going on would skip what this listener did not take. */
  private void failed(Throwable e) {
    channel.listenerFault(e);
    end(LogContext.FAULT);
  }
}
