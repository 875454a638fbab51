// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** {@code /queue/stream}: a queue transaction over a WebSocket. For one lane. */
final class QueueStream implements WebSocketHandler, QueueTransaction.Peer {
  private final GatewayContext context;
  private final Caller caller;
  private @Nullable WebSocket socket;
  private @Nullable QueueTransaction transaction;
  private boolean busy;

  /** A large request that is being parsed. */
  private LargeBodies.@Nullable Job parsing;

  /** A large request that has been parsed while the transaction was busy. */
  private Inputs.@Nullable StreamRequest waiting;

  QueueStream(GatewayContext context, Caller caller) {
    this.context = context;
    this.caller = caller;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    transaction = new QueueTransaction(context, caller, context.restStats(), opened.lane(), this);
    context.restStats().opened(Use.QUEUE_RECEIVERS);
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    if (payload.readableBytes() >= LargeBodies.BYTES_MIN) {
      readLarge(from, payload.retainedDuplicate());
      return;
    }
    try {
      Inputs.StreamRequest request = JsonInput.read(payload, JsonDecoders::streamRequest);
      if (transaction != null) {
        transaction.request(request);
      }
    } catch (BadInputException e) {
      return; // As in the reference, what cannot be read is not answered.
    }
  }

  /** Elsewhere. Nothing more is read meanwhile, so requests stay in order. */
  private void readLarge(WebSocket from, ByteBuf payload) {
    LargeRequest reading = new LargeRequest(from);
    parsing =
        context.largeBodies().read(payload, JsonDecoders::streamRequest, from.lane(), reading);
    readOrPause();
  }

  /** Does so later if the transaction is busy, which it may have become while this was parsed. */
  private void handOver() {
    Inputs.StreamRequest request = waiting;
    if (busy || request == null) {
      return;
    }
    waiting = null;
    if (socket != null && socket.open() && transaction != null) {
      transaction.request(request);
    }
    readOrPause();
  }

  @Override
  public void onClose(WebSocket closed, int code, String reason) {
    socket = null;
    if (parsing != null) {
      parsing.cancel();
    }
    context.restStats().closed(Use.QUEUE_RECEIVERS);
    if (transaction != null) {
      transaction.disconnected();
    }
  }

  @Override
  public boolean working() {
    return parsing != null || waiting != null || transaction != null && transaction.settling();
  }

  @Override
  public void reply(QueueTransaction.Reply reply) {
    if (socket != null) {
      JsonWriter out = JsonWriter.start(socket.allocator());
      socket.send(JsonEncoders.streamReply(out, reply).finish());
    }
  }

  /** A socket that is not read delivers nothing, and what the client says waits at its side. */
  @Override
  public void busy(boolean now) {
    busy = now;
    readOrPause();
    if (!busy && waiting != null && socket != null) {
      // The transaction is about to decide what comes of it.
      socket.lane().execute(this::handOver);
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    if (socket != null) {
      socket.failed(cause);
    }
  }

  private void readOrPause() {
    if (socket == null) {
      return;
    }
    if (busy || parsing != null || waiting != null) {
      socket.pauseReading();
    } else {
      socket.resumeReading();
    }
  }

  @Override
  public void end() {
    if (socket != null) {
      socket.closeAfterWrites(WebSockets.NORMAL, "transaction ended");
    }
  }

  /** What becomes of a request that is parsed elsewhere. */
  private final class LargeRequest implements LargeBodies.Reading<Inputs.StreamRequest> {
    private final WebSocket from;

    LargeRequest(WebSocket from) {
      this.from = from;
    }

    @Override
    public void done(Inputs.StreamRequest request) {
      parsing = null;
      waiting = request;
      handOver();
    }

    @Override
    public void failed(String error) {
      parsing = null;
      readOrPause();
    }

    @Override
    public void fault(Throwable cause) {
      parsing = null;
      from.failed(cause);
    }
  }
}
