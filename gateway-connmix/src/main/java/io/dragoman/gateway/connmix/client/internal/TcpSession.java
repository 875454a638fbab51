// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Utf8Text;
import io.dragoman.gateway.connmix.client.Admission;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.gateway.connmix.client.PacketCodec;
import io.dragoman.gateway.connmix.client.internal.ClientTraffic.Lost;
import io.dragoman.transport.TcpHandler;
import io.dragoman.transport.TcpSocket;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/** A client over TCP. It is not read until it is let in. */
final class TcpSession extends ClientSession {
  private static final int NORMAL = 1000;
  private static final int PROTOCOL_ERROR = 1002;

  private final TcpSocket socket;
  private boolean paused;
  private boolean refused;

  /** What was looked at of a packet that is not whole yet, and by whom. */
  private int seen;

  private @Nullable PacketCodec seenBy;

  /** What is told of the end: it is not on the wire. */
  private int endCode = NORMAL;

  private String endReason = "";

  private TcpSession(EndpointContext context, TcpSocket socket) {
    super(context, socket.lane(), Introduction.of(socket.remote()), socket.allocator());
    this.socket = socket;
  }

  /** What hears of a connection, and has a session for it once it is open. */
  static TcpHandler handler(EndpointContext context) {
    return new TcpHandler() {
      private @Nullable TcpSession session;

      @Override
      public void onOpen(TcpSocket opened) {
        TcpSession made = new TcpSession(context, opened);
        session = made;
        opened.pauseReading();
        made.begin(made::admitted);
      }

      @Override
      public void onBytes(TcpSocket from, ByteBuf in) {
        if (session != null) {
          session.read(in);
        }
      }

      @Override
      public void onUnread(TcpSocket from, ByteBuf in) {
        if (session != null) {
          session.lose(in);
        }
      }

      @Override
      public boolean working() {
        return session != null && session.handler().working();
      }

      @Override
      public void onWritable(TcpSocket writable) {
        if (session != null && !session.isClosed()) {
          session.handler().onWritable();
        }
      }

      @Override
      public void onClose(TcpSocket gone, boolean lost) {
        if (session != null) {
          session.socketClosed(lost);
        }
      }
    };
  }

  private void admitted(Admission admission) {
    if (admission instanceof Admission.Refused) {
      refused = true;
      socket.closeAfterWrites();
      return;
    }
    opened();
    if (!paused) {
      socket.resumeReading();
    }
  }

  private void socketClosed(boolean lost) {
    ended(lost ? ABNORMAL : endCode, lost ? "" : endReason);
  }

  private void read(ByteBuf in) {
    PacketCodec codec = codec();
    int known = codec == seenBy ? seen : 0;
    seen = 0;
    // The client may be gone: what came from it counts all the same.
    while (in.isReadable() && !paused && !isClosed()) {
      int length = codec.packetLength(in, known);
      known = 0;
      if (length == PacketCodec.INCOMPLETE || length > in.readableBytes()) {
        seen = in.readableBytes();
        seenBy = codec;
        return;
      }
      if (length == PacketCodec.INVALID) {
        in.skipBytes(in.readableBytes());
        close(PROTOCOL_ERROR, "no packet of this listener's framing");
        return;
      }
      ByteBuf payload = codec.payload(in.readSlice(length));
      if (payload != null) {
        message(payload, !Utf8Text.isValid(ByteBufUtil.getBytes(payload)));
      }
    }
    if (isClosed()) {
      lose(in);
    }
  }

  private PacketCodec codec() {
    PacketCodec own = handler().codec();
    return own == null ? context.options().framing().orElseThrow() : own;
  }

  /** Counts the whole packets that nobody will read any more. */
  private void lose(ByteBuf in) {
    if (refused) {
      return;
    }
    PacketCodec codec = codec();
    int packets = 0;
    for (int length = codec.packetLength(in);
        length > 0 && length <= in.readableBytes();
        length = codec.packetLength(in)) {
      packets += codec.payload(in.readSlice(length)) == null ? 0 : 1;
    }
    context.traffic().lost(Lost.UNREAD, packets);
  }

  @Override
  public boolean webSocket() {
    return false;
  }

  @Override
  long pendingBytes() {
    return socket.pendingBytes();
  }

  @Override
  void write(ByteBuf frames, @Nullable WriteListener listener) {
    socket.write(frames, listener);
    socket.flushSoon();
  }

  @Override
  boolean socketOpen() {
    return socket.open();
  }

  @Override
  public void close(int code, String reason) {
    if (lane().inLane()) {
      closeNow(code, reason);
    } else {
      lane().execute(() -> closeNow(code, reason));
    }
  }

  private void closeNow(int code, String reason) {
    if (socket.open()) {
      endCode = code;
      endReason = reason;
      socket.closeAfterWrites();
    }
  }

  @Override
  public void pauseReading() {
    paused = true;
    socket.pauseReading();
  }

  @Override
  public void resumeReading() {
    if (paused) {
      paused = false;
      socket.resumeReading();
    }
  }

  @Override
  public void failed(Throwable cause) {
    socket.failed(cause);
  }
}
