// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.EventBatch;
import io.dragoman.core.Lane;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.SharedRecords;
import io.dragoman.security.Watch;
import io.dragoman.transport.ResponseStream;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One event stream. For one lane. */
final class EventStream implements StreamHandler, Following.Sink {
  private static final SharedRecords<StreamBatch> SHARED = new SharedRecords<>(StreamBatch::close);
  private static final byte[] OK = JsonText.ascii(":ok\n\n");
  private static final AsciiString COMMENT = AsciiString.cached(":\n\n");

  private final GatewayContext context;
  private final Caller caller;
  private final Lane lane;
  private final InTurn turns = new InTurn(this::ready);
  private final Following following;
  private @Nullable LogHistory history;
  private @Nullable ResponseStream stream;
  private Watch watch = Watch.NONE;

  EventStream(GatewayContext context, String topic, Caller caller, Lane lane) {
    this.context = context;
    this.caller = caller;
    this.lane = lane;
    this.following = new Following(context, topic, lane, turns, this);
  }

  Following following() {
    return following;
  }

  /** What is to be sent first. */
  void history(@Nullable LogHistory found) {
    history = found;
  }

  @Override
  public void onOpen(ResponseStream opened) {
    stream = opened;
    context.connected();
    context.subscribed(1);
    opened.send(bytes(opened, OK));
    LogHistory found = history;
    history = null;
    if (found != null && !found.records().isEmpty()) {
      try (StreamBatch batch = StreamBatch.ofRecords(found.records(), opened.allocator())) {
        opened.send(batch.first(batch.count()));
      }
      context.eventStreams().sentStored(found.records().size());
    }
    following.begin();
    watch = context.entrance().watch(caller, lane, opened::end);
  }

  /** Comments keep the connection open on the way, and show when the client has gone. */
  StreamOptions options() {
    int high = context.options().sendBufferBytes();
    StreamOptions defaults = StreamOptions.defaults();
    return defaults
        .withKeepAlive(context.options().pingMillis(), COMMENT)
        .withPendingBytes(
            high,
            Math.max(1, high / 2),
            Math.max(defaults.pendingBytesMax(), context.pendingBytesMax()));
  }

  @Override
  public void onWritable(ResponseStream writable) {
    turns.onWritable();
  }

  @Override
  public void onClose(ResponseStream closed) {
    stream = null;
    turns.close();
    context.disconnected();
    context.subscribed(-1);
    close();
  }

  void close() {
    watch.cancel();
    following.close();
  }

  @Override
  public boolean open() {
    return stream != null && stream.open();
  }

  @Override
  public boolean ready() {
    ResponseStream open = stream;
    return open != null
        && open.open()
        && open.pendingBytes() <= context.options().sendBufferBytes();
  }

  @Override
  public void send(List<LogRecord> records) {
    ResponseStream open = stream;
    if (open == null) {
      return;
    }
    StreamBatch batch =
        SHARED.of(records, lane, wanted -> StreamBatch.ofRecords(wanted, open.allocator()));
    open.send(batch.first(batch.count()));
    context.eventStreams().sentStored(records.size());
  }

  @Override
  public void send(EventBatch events) {
    ResponseStream open = stream;
    if (open == null) {
      return;
    }
    StreamBatch batch =
        events.derive(
            StreamBatch.KEY,
            wanted ->
                StreamBatch.ofEvents(
                    wanted.notInLog(), context.broker().clock().unixNanos(), open.allocator()));
    int fitting = batch.within(open.pendingBytes(), context.options().sendBufferBytes());
    if (fitting > 0) {
      open.send(batch.first(fitting));
      context.eventStreams().sentLive(fitting);
    }
    if (fitting < batch.count()) {
      context.dropped(batch.count() - fitting);
    }
  }

  @Override
  public void failed(BrokerError reason) {
    ResponseStream open = stream;
    if (open != null) {
      open.end();
    }
  }

  private static ByteBuf bytes(ResponseStream stream, byte[] bytes) {
    return stream.allocator().buffer(bytes.length).writeBytes(bytes);
  }
}
