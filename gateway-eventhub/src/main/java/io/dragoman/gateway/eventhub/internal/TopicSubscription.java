// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.EventBatch;
import io.dragoman.core.LogRecord;
import io.dragoman.core.SharedRecords;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** A subscription of a WebSocket client. For one lane. */
final class TopicSubscription implements Following.Sink {
  /** The close code for a fault of ours. */
  private static final int INTERNAL_ERROR = 1011;

  private static final SharedRecords<ResultBatch> SHARED = new SharedRecords<>(ResultBatch::close);

  private final GatewayContext context;
  private final WebSocket socket;
  private final Following following;
  private RequestId id;

  TopicSubscription(GatewayContext context, String topic, ClientSocket client, RequestId id) {
    this.context = context;
    this.socket = client.socket();
    this.id = id;
    this.following = new Following(context, topic, socket.lane(), client.turns(), this);
  }

  Following following() {
    return following;
  }

  /** The request whose id events carry: the newest one for this topic (ruling 32). */
  void id(RequestId newest) {
    id = newest;
  }

  @Override
  public int sendPiece(List<LogRecord> records, WriteListener written) {
    try (ResultBatch batch = ResultBatch.ofRecords(records, socket.allocator())) {
      ByteBuf frames = batch.frames(id, 0, batch.count());
      int size = frames.readableBytes();
      socket.writeFrames(frames, written);
      socket.flushSoon();
      context.webSockets().sentStored(records.size());
      return size;
    }
  }

  @Override
  public boolean open() {
    return socket.open();
  }

  @Override
  public boolean ready() {
    return socket.pendingBytes() <= context.options().sendBufferBytes();
  }

  @Override
  public void send(List<LogRecord> records) {
    ResultBatch batch =
        SHARED.of(
            records, socket.lane(), wanted -> ResultBatch.ofRecords(wanted, socket.allocator()));
    write(batch, 0, batch.count());
    context.webSockets().sentStored(records.size());
  }

  @Override
  public void send(EventBatch events, long placeNanos) {
    ResultBatch batch =
        events.derive(
            ResultBatch.KEY,
            wanted ->
                ResultBatch.ofEvents(
                    wanted.notInLog(), context.broker().clock().unixNanos(), socket.allocator()));
    int fitting = batch.within(socket.pendingBytes(), context.options().sendBufferBytes());
    if (fitting > 0) {
      write(batch, placeNanos, fitting);
      context.webSockets().sentLive(fitting);
    }
    if (fitting < batch.count()) {
      context.dropped(batch.count() - fitting);
    }
  }

  @Override
  public void failed(BrokerError reason) {
    socket.closeAfterWrites(INTERNAL_ERROR, reason.detail());
  }

  private void write(ResultBatch batch, long placeNanos, int events) {
    socket.writeFrames(batch.frames(id, placeNanos, events), null);
    if (batch.crowded()) {
      socket.flush();
    } else {
      socket.flushSoon();
    }
  }
}
