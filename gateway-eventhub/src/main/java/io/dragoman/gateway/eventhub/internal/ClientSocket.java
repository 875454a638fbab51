// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.security.Watch;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketFrames;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One client. Its requests are handled one at a time and answered in their order, but for
 * publishes, which follow one another without waiting for the disk: the next begins while those
 * before it are being stored. For one lane.
 *
 * <p>What waits is bounded: a client that sends more than is answered, or does not read its
 * answers, is not read.
 */
final class ClientSocket implements WebSocketHandler {
  /** The close code for a client whose token does not hold any more. */
  private static final int POLICY_VIOLATION = 1008;

  private static final int WAITING_MAX = 256;
  private static final long WAITING_BYTES_MAX = 1 << 20;

  /** An answer's place in their order. */
  static final class Slot {
    private final int bytes;
    private @Nullable ByteBuf reply;
    private @Nullable WriteListener written;

    private Slot(int bytes) {
      this.bytes = bytes;
    }

    /** Hears once when the reply has left, or never will; set before it is given. */
    void onWritten(Runnable task) {
      written = ok -> task.run();
    }

    /** The client is gone. */
    private void drop() {
      if (reply != null) {
        reply.release();
        if (written != null) {
          written.written(false);
        }
      }
    }
  }

  private final GatewayContext context;
  private final Caller caller;
  private final Methods methods;
  private final InTurn turns = new InTurn(this::takesMore);
  private final Map<String, TopicSubscription> subscriptions = new LinkedHashMap<>();
  private final ArrayDeque<RpcRequest> waiting = new ArrayDeque<>();
  private final ArrayDeque<Slot> answers = new ArrayDeque<>();
  private @Nullable WebSocket socket;
  private Watch watch = Watch.NONE;
  private long bytes;

  /** Whether what is under way must be answered before anything else begins. */
  private boolean alone;

  private boolean paused;
  private boolean pumping;
  private boolean closed;

  /** The subscription asked for last, which may not stand yet. */
  private @Nullable Following opening;

  ClientSocket(GatewayContext context, Caller caller) {
    this.context = context;
    this.caller = caller;
    this.methods = new Methods(context, this);
  }

  Caller caller() {
    return caller;
  }

  /** A subscription is asked for; it is closed with the client, whether it stands then or not. */
  void opening(Following following) {
    opening = following;
  }

  boolean closed() {
    return closed;
  }

  Map<String, TopicSubscription> subscriptions() {
    return subscriptions;
  }

  /** The subscriptions that have more for this client than it takes now. */
  InTurn turns() {
    return turns;
  }

  private boolean takesMore() {
    return socket().open() && !clientIsBehind();
  }

  WebSocket socket() {
    WebSocket opened = socket;
    if (opened == null) {
      throw new IllegalStateException("not open yet");
    }
    return opened;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    context.connected();
    watch =
        context
            .entrance()
            .watch(
                caller,
                opened.lane(),
                () -> opened.closeAfterWrites(POLICY_VIOLATION, "the token has expired"));
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    try {
      RpcRequest request = RpcInput.read(payload);
      waiting.add(request);
      bytes += request.bytes();
    } catch (InvalidRequestException e) {
      // In its order too: a request that says so and waits for nothing.
      waiting.add(new RpcRequest(RequestId.NULL, "", Params.NONE, 0));
    }
    pump();
  }

  /** Begins what may begin. */
  void pump() {
    if (pumping) {
      return;
    }
    if (!socket().open()) {
      // Being closed: nobody would hear what became of it.
      waiting.clear();
      return;
    }
    pumping = true;
    try {
      while (!waiting.isEmpty() && mayBegin(waiting.element()) && !clientIsBehind()) {
        begin(waiting.remove());
      }
    } finally {
      pumping = false;
    }
    pauseOrRead();
  }

  private boolean mayBegin(RpcRequest next) {
    return socket().open() && !alone && (answers.isEmpty() || Methods.isPublish(next));
  }

  private boolean clientIsBehind() {
    return socket().pendingBytes() > context.options().sendBufferBytes();
  }

  private void begin(RpcRequest request) {
    Slot slot = new Slot(request.bytes());
    answers.add(slot);
    alone = !Methods.isPublish(request);
    methods.handle(request, slot);
  }

  private void pauseOrRead() {
    boolean full =
        waiting.size() + answers.size() >= WAITING_MAX
            || bytes >= WAITING_BYTES_MAX
            || !waiting.isEmpty() && !closed && clientIsBehind();
    if (full != paused && !closed) {
      paused = full;
      if (full) {
        socket().pauseReading();
      } else {
        socket().resumeReading();
      }
    }
  }

  /** Answers a request; in the order in which they came. Takes the reply over. */
  void answer(Slot slot, ByteBuf reply) {
    answer(slot, reply, () -> {});
  }

  /**
   * The same for a reply that has a sequel: what that sends comes before the replies to later
   * requests. Only for requests that nothing else is carried out with.
   */
  void answer(Slot slot, ByteBuf reply, Runnable sequel) {
    slot.reply = reply;
    if (closed) {
      slot.drop();
      return;
    }
    for (Slot first = answers.peek();
        first != null && first.reply != null;
        first = answers.peek()) {
      answers.remove();
      bytes -= first.bytes;
      ByteBuf frame = WebSocketFrames.text(socket().allocator(), first.reply);
      socket().writeFrames(frame, first.written);
      socket().flushSoon();
    }
    sequel.run();
    if (answers.isEmpty()) {
      alone = false;
    }
    pump();
  }

  @Override
  public boolean working() {
    return !answers.isEmpty() || !waiting.isEmpty();
  }

  @Override
  public void onWritable(WebSocket writable) {
    turns.onWritable();
    pump();
  }

  @Override
  public void onClose(WebSocket gone, int code, String reason) {
    closed = true;
    turns.close();
    watch.cancel();
    context.disconnected();
    context.subscribed(-subscriptions.size());
    subscriptions.values().forEach(each -> each.following().close());
    subscriptions.clear();
    waiting.clear();
    if (opening != null) {
      opening.close();
    }
    answers.forEach(Slot::drop);
    answers.clear();
  }
}
