// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.EventBatch;
import io.dragoman.core.Lane;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.SharedRecords;
import io.dragoman.json.JsonText;
import io.dragoman.security.Watch;
import io.dragoman.transport.ResponseStream;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One event stream. For one lane. */
final class EventStream implements StreamHandler, Following.Sink {
  private static final SharedRecords<StreamBatch> SHARED = new SharedRecords<>(StreamBatch::close);
  private static final byte[] OK = JsonText.ascii(":ok\n\n");
  private static final byte[] RECOVERED = JsonText.ascii("event: recovered\ndata: {");
  private static final byte[] MISSED = JsonText.ascii("\"missed\":");
  private static final byte[] NOT_RECOVERED = JsonText.ascii("\"recovered\":false}\n\n");
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

  /** What comes first; null if none was asked for. */
  void history(@Nullable LogHistory found) {
    history = found;
  }

  @Override
  public void onOpen(ResponseStream opened) {
    stream = opened;
    context.connected();
    context.subscribed(1);
    // First, since what is sent may end the stream, which ends the watch too.
    watch = context.entrance().watch(caller, lane, opened::end);
    opened.send(bytes(opened, OK));
    LogHistory found = history;
    history = null;
    if (found != null && !found.complete()) {
      opened.send(incomplete(opened, found));
    }
    if (opened.open()) {
      following.begin();
    }
  }

  /** What a confirmation says to WebSockets; nobody hears it who does not listen for it. */
  private static ByteBuf incomplete(ResponseStream stream, LogHistory history) {
    ByteBuf out = bytes(stream, RECOVERED);
    if (history.missed().isPresent()) {
      out.writeBytes(MISSED);
      JsonText.number(out, history.missed().getAsLong());
      out.writeByte(',');
    }
    return out.writeBytes(NOT_RECOVERED);
  }

  /** Comments keep the connection open on the way, and show when the client has gone. */
  StreamOptions options() {
    int high = context.options().sendBufferBytes();
    StreamOptions defaults = StreamOptions.defaults();
    return defaults
        .withKeepAlive(context.options().pingMillis(), COMMENT)
        .withPendingBytes(
            high, Math.max(1, high / 2), Math.max(defaults.pendingBytesMax(), 4L * high));
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
  public int sendPiece(List<LogRecord> records, WriteListener written) {
    ResponseStream open = stream;
    if (open == null) {
      written.written(false);
      return 0;
    }
    try (StreamBatch batch = StreamBatch.ofRecords(records, open.allocator())) {
      ByteBuf bytes = batch.first(batch.count(), 0);
      int size = bytes.readableBytes();
      open.write(bytes, written);
      open.flushSoon();
      context.eventStreams().sentStored(records.size());
      return size;
    }
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
    open.send(batch.first(batch.count(), 0));
    context.eventStreams().sentStored(records.size());
  }

  @Override
  public void send(EventBatch events, long placeNanos) {
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
      open.send(batch.first(fitting, placeNanos));
      if (batch.crowded()) {
        open.flush();
      }
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
