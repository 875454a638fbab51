// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.SharedRecords;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.WebSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber to the events store. When too much waits for its socket the subscription pauses, and
 * goes on from the log later. Its position moves with what the kernel has taken.
 */
final class LogSocket extends SubscriberSocket implements LogListener {
  private static final SharedRecords<Frames> SHARED = new SharedRecords<>(Frames::close);

  private final Lane lane;
  private @Nullable LogSubscription subscription;
  private List<LogRecord> early = List.of();
  private @Nullable BrokerError ended;
  private boolean paused;

  LogSocket(GatewayContext context, String channel, Lane lane) {
    super(context, Use.EVENTS_STORE_RECEIVERS, Kind.LOG, channel);
    this.lane = lane;
  }

  void accept(HttpExchange exchange, LogSubscription made) {
    if (ended != null) {
      RestReplies.failed(exchange, KubemqErrorMapper.text(ended));
    } else {
      subscription = made;
      super.accept(exchange, made);
    }
  }

  @Override
  public void onOpen(WebSocket opened) {
    super.onOpen(opened);
    List<LogRecord> first = early;
    early = List.of();
    if (!first.isEmpty() && onRecords(first) && subscription != null) {
      subscription.resume();
    }
  }

  @Override
  public boolean onRecords(List<LogRecord> records) {
    WebSocket socket = socket();
    if (socket == null) {
      early = records;
      return false;
    }
    Frames frames =
        SHARED.of(records, lane, wanted -> Frames.ofRecords(wanted, socket.allocator()));
    int count = frames.count();
    long last = records.get(records.size() - 1).sequence();
    socket.writeFrames(frames.first(count), ok -> written(ok, last));
    socket.flushSoon();
    context()
        .restStats()
        .received(Kind.LOG, records.get(0).message().channel(), count, frames.volume(count));
    paused = socket.pendingBytes() > context().options().subscriberBufferBytes();
    if (paused) {
      context().paused().increment();
    }
    return !paused;
  }

  private void written(boolean ok, long last) {
    if (ok && subscription != null) {
      subscription.delivered(last);
    }
  }

  @Override
  public void onWritable(WebSocket socket) {
    if (paused && subscription != null) {
      paused = false;
      subscription.resume();
    }
  }

  @Override
  public void onEnd(BrokerError reason) {
    ended = reason;
    WebSocket socket = socket();
    if (socket != null) {
      String text =
          "reason " + KubemqErrorMapper.text(reason) + ": " + KubemqError.CLOSED_BY_SERVER.text();
      socket.send(JsonEncoders.failed(JsonWriter.start(socket.allocator()), text).finish());
      socket.closeAfterWrites(WebSockets.GOING_AWAY, KubemqError.CLOSED_BY_SERVER.text());
    }
  }
}
