// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.ShownPosition.Shown;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.EventsStoreType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A log from the event after the last that was shown. For one thread.
 *
 * <p>The broker keeps a position for a client id, but the protocol has no acknowledgement: that
 * position is behind everything the network took, and so ahead of what was shown. So a second
 * subscription, of somebody new, brings what lies between. Both are read side by side: what the own
 * one brings again is left out, and as soon as it is at the event that comes next the second one
 * has done its work. The second one begins with the last event that was shown, by which another log
 * of the same name (deleted and made again) is noticed.
 */
final class ContinuedLog implements Exchange<Subscribe, EventReceive> {
  /** A log that has the event that was shown sends it at once. */
  private static final long SILENCE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Exchange<Subscribe, EventReceive> own;
  private final String shownId;
  private final long opened = System.nanoTime();
  private @Nullable Exchange<Subscribe, EventReceive> between;

  /** Came on the own one and was not shown, but something before it may be missing. */
  private @Nullable EventReceive held;

  private boolean verified;
  private long last;

  private ContinuedLog(
      Exchange<Subscribe, EventReceive> own,
      Exchange<Subscribe, EventReceive> between,
      Shown shown) {
    this.own = own;
    this.between = between;
    this.last = shown.sequence();
    this.shownId = shown.id();
  }

  /** Subscribes; the caller closes it. */
  static ContinuedLog open(Broker broker, Subscribe subscription, Shown shown) {
    Exchange<Subscribe, EventReceive> own = broker.subscribeToEvents(subscription);
    try {
      return new ContinuedLog(
          own, broker.subscribeToEvents(from(subscription, shown.sequence())), shown);
    } catch (CliException e) {
      own.close();
      throw e;
    }
  }

  /** The same for somebody the broker has no position of. */
  static Subscribe from(Subscribe subscription, long sequence) {
    return subscription.toBuilder()
        .setClientID(ConnectionOptions.randomClientId())
        .setEventsStoreTypeData(EventsStoreType.StartAtSequence)
        .setEventsStoreTypeValue(sequence)
        .build();
  }

  @Override
  public @Nullable EventReceive next(Duration wait) throws InterruptedException {
    Exchange<Subscribe, EventReceive> second = between;
    if (second == null) {
      return shown(ofOwn(wait));
    }
    if (verified && ownIsNext()) {
      onlyOwn();
      return shown(ofOwn(Duration.ZERO));
    }
    EventReceive item = second.next(wait);
    if (verified) {
      return shown(item);
    }
    return item == null ? unlessSilent() : first(item);
  }

  /** An item that is to be shown; null for one that was. */
  private @Nullable EventReceive shown(@Nullable EventReceive item) {
    if (item == null || item.getSequence() <= last) {
      return null;
    }
    last = item.getSequence();
    return item;
  }

  private @Nullable EventReceive ofOwn(Duration wait) throws InterruptedException {
    EventReceive item = held == null ? own.next(wait) : held;
    held = null;
    return item;
  }

  /** Whether the own subscription goes on right after what was shown. */
  private boolean ownIsNext() throws InterruptedException {
    EventReceive item = ofOwn(Duration.ZERO);
    while (item != null && item.getSequence() <= last) {
      item = own.next(Duration.ZERO);
    }
    held = item;
    return item != null && item.getSequence() == last + 1;
  }

  /** The first of the second subscription: the last event that was shown, if it is still there. */
  private @Nullable EventReceive first(EventReceive item) {
    boolean otherLog =
        item.getSequence() < last
            || item.getSequence() == last && !item.getEventID().equals(shownId);
    if (otherLog) {
      onlyOwn();
      last = 0;
      return null;
    }
    verified = true;
    return shown(item);
  }

  /** An own one that is before what was shown, which is not there: it is another log. */
  private @Nullable EventReceive unlessSilent() throws InterruptedException {
    if (System.nanoTime() - opened < SILENCE_NANOS) {
      return null;
    }
    held = ofOwn(Duration.ZERO);
    if (held != null && held.getSequence() <= last) {
      onlyOwn();
      last = 0;
    }
    return null;
  }

  private void onlyOwn() {
    Exchange<Subscribe, EventReceive> second = between;
    between = null;
    if (second != null) {
      second.close();
    }
  }

  @Override
  public void send(Subscribe request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void finish() {}

  @Override
  public boolean awaitReady(Duration wait) throws InterruptedException {
    Exchange<Subscribe, EventReceive> second = between;
    return own.awaitReady(wait) && (second == null || second.awaitReady(wait));
  }

  @Override
  public boolean ended() {
    Exchange<Subscribe, EventReceive> second = between;
    return own.ended() || second != null && second.ended();
  }

  @Override
  public void close() {
    onlyOwn();
    own.close();
  }
}
