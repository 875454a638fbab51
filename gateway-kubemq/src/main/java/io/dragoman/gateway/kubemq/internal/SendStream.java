// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * {@code /send/stream}: each text frame is an event and gets one answer, in the order of the
 * frames. When many events are on their way, or the client does not read its answers, the socket is
 * not read. For one lane.
 */
final class SendStream implements WebSocketHandler, OrderedSends.Peer {
  private static final int ANSWER_BYTES = 256;

  private final GatewayContext context;
  private final Caller caller;
  private @Nullable WebSocket socket;
  private @Nullable OrderedSends sends;

  /** Answers to be written together. */
  private @Nullable ByteBuf answers;

  private boolean paused;

  /** A large event that is being parsed. */
  private LargeBodies.@Nullable Job parsing;

  SendStream(GatewayContext context, Caller caller) {
    this.context = context;
    this.caller = caller;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    sends = new OrderedSends(context, caller, context.restStats(), opened.lane(), this);
    context.restStats().opened(Use.EVENTS_STREAM_SENDERS);
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    if (payload.readableBytes() >= LargeBodies.BYTES_MIN) {
      readLarge(from, payload.retainedDuplicate());
      return;
    }
    Inputs.Event event;
    try {
      event = JsonInput.read(payload, JsonDecoders::event);
    } catch (BadInputException e) {
      return; // As in the reference, what cannot be read is not answered.
    }
    send(event);
    if (!paused && isFull(from)) {
      paused = true;
      context.sendersPaused().increment();
      from.pauseReading();
    }
  }

  /** Elsewhere. Nothing more is read meanwhile, so events stay in order. */
  private void readLarge(WebSocket from, ByteBuf payload) {
    paused = true;
    from.pauseReading();
    LargeEvent reading = new LargeEvent(from);
    parsing = context.largeBodies().read(payload, JsonDecoders::event, from.lane(), reading);
  }

  @Override
  public void onWritable(WebSocket from) {
    resume(from);
  }

  @Override
  public boolean working() {
    return parsing != null || sends != null && !sends.isEmpty();
  }

  @Override
  public void onClose(WebSocket closed, int code, String reason) {
    socket = null;
    if (parsing != null) {
      parsing.cancel();
    }
    context.restStats().closed(Use.EVENTS_STREAM_SENDERS);
  }

  private void send(Inputs.Event event) {
    if (sends != null) {
      sends.send(event);
    }
  }

  /** The transport's budget does not count what has been parsed. */
  @Override
  public long hold() {
    return 0;
  }

  @Override
  public void failed(RuntimeException cause) {
    if (socket != null) {
      socket.failed(cause);
    }
  }

  @Override
  public void told(Inputs.Event event, String error, long held) {
    WebSocket to = socket;
    if (to != null) {
      ByteBuf out = answers == null ? to.allocator().buffer(ANSWER_BYTES) : answers;
      answers = out;
      JsonWriter writer = JsonWriter.start(to.allocator());
      JsonEncoders.streamResult(writer, event.message().id(), error).finishFrame(out);
    }
  }

  /** All of them with one write. */
  @Override
  public void toldAll() {
    WebSocket to = socket;
    ByteBuf out = answers;
    answers = null;
    if (to != null && out != null) {
      to.writeFrames(out, null);
      to.flushSoon();
      resume(to);
    }
  }

  private boolean isFull(WebSocket from) {
    return sends != null && sends.isFull()
        || from.pendingBytes() > context.options().subscriberBufferBytes();
  }

  private void resume(WebSocket from) {
    boolean room =
        (sends == null || sends.hasRoom())
            && from.pendingBytes() <= context.options().subscriberBufferBytes();
    if (paused && parsing == null && room) {
      paused = false;
      from.resumeReading();
    }
  }

  /** What becomes of an event that is parsed elsewhere. */
  private final class LargeEvent implements LargeBodies.Reading<Inputs.Event> {
    private final WebSocket from;

    LargeEvent(WebSocket from) {
      this.from = from;
    }

    @Override
    public void done(Inputs.Event event) {
      if (from.open()) {
        send(event);
      }
      readOn();
    }

    @Override
    public void failed(String error) {
      readOn();
    }

    @Override
    public void fault(Throwable cause) {
      parsing = null;
      from.failed(cause);
    }

    private void readOn() {
      parsing = null;
      if (!isFull(from)) {
        paused = false;
        from.resumeReading();
      }
    }
  }
}
