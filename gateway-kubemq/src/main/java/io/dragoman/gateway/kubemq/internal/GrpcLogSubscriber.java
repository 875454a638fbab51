// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Kind;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.SharedRecords;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber to the events store. When too much waits for its socket the subscription pauses, and
 * goes on from the log later. Its position moves with what the kernel has taken.
 */
final class GrpcLogSubscriber extends GrpcSubscriber<EncodedMessage> implements LogListener {
  private static final SharedRecords<EncodedEvents> SHARED =
      new SharedRecords<>(EncodedEvents::close);

  private final int pendingBytesMax;
  private @Nullable LogSubscription subscription;
  private List<LogRecord> early = List.of();
  private @Nullable BrokerError ended;
  private boolean paused;

  GrpcLogSubscriber(Place<EncodedMessage> place, String channel) {
    super(place, Use.EVENTS_STORE_RECEIVERS, Kind.LOG, channel);
    pendingBytesMax = place.context().options().subscriberBufferBytes();
  }

  void accept(LogSubscription made) {
    if (ended != null) {
      refuse(KubemqErrorMapper.text(ended));
      return;
    }
    subscription = made;
    super.accept(made);
    List<LogRecord> first = early;
    early = List.of();
    if (!first.isEmpty() && onRecords(first)) {
      made.resume();
    }
  }

  /** What comes after the end is not sent, and need not be: its position has not moved. */
  @Override
  public boolean onRecords(List<LogRecord> records) {
    if (!isOpen()) {
      early = subscription == null ? records : List.of();
      return false;
    }
    EncodedEvents encoded = SHARED.of(records, lane(), EncodedEvents::ofRecords);
    for (int i = 0; i < encoded.count(); i++) {
      EncodedMessage message = encoded.get(i);
      out().send(message, message.length(), records.get(i).sequence());
    }
    out().arm();
    stats()
        .received(
            Kind.LOG,
            records.get(0).message().channel(),
            encoded.count(),
            encoded.volume(encoded.count()));
    paused = out().pendingBytes() > pendingBytesMax;
    if (paused) {
      context().paused().increment();
    }
    return !paused;
  }

  @Override
  void taken(long sequence) {
    if (subscription != null) {
      subscription.delivered(sequence);
    }
  }

  @Override
  void written() {
    if (paused && subscription != null && out().pendingBytes() <= pendingBytesMax / 2) {
      paused = false;
      subscription.resume();
    }
  }

  @Override
  public void onEnd(BrokerError reason) {
    ended = reason;
    end(GrpcErrors.refused(KubemqErrorMapper.text(reason)));
  }
}
