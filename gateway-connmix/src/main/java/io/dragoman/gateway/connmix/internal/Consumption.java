// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One queue that one backend consumes (spec: connmix §2.3). A message is leased until its event has
 * been written to the backend's socket, and then done (ruling 3), or, when the backend asked to
 * acknowledge, until it does. Events are written many at once; when the socket dies in the middle,
 * those that had left as a whole are done, and the others return. For the socket's lane.
 *
 * <p>While the backend is behind nothing more is taken from the queue.
 */
final class Consumption {
  /** The close code for a fault of ours. */
  private static final int INTERNAL_ERROR = 1011;

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Taken at once when there are many; few enough for others who consume the queue. */
  private static final int BATCH_MAX = 64;

  private static final long BATCH_BYTES_MAX = 256 << 10;

  private final Queues queues;
  private final Traffic traffic;
  private final int node;
  private final String queue;
  private final WebSocket socket;
  private final @Nullable OpenDeliveries open;
  private final EventsRoom.Share share;
  private final int sendBufferBytes;
  private @Nullable Call<Received> call;

  /** Taken when there was room, which others have used up since. */
  private List<Delivery> held = List.of();

  /** For how many of a batch there is to be room in {@link #open}. */
  private int asked;

  private boolean waitsForRoom;
  private boolean closed;

  /**
   * @param open where deliveries are kept until the backend acknowledges them; null when they are
   *     done once they are written
   */
  Consumption(
      GatewayContext context, String queue, WebSocket socket, @Nullable OpenDeliveries open) {
    this.queues = context.broker().queues();
    this.traffic = context.webSockets();
    this.node = context.broker().connections().nodeNumber();
    this.sendBufferBytes = context.options().sendBufferBytes();
    this.queue = queue;
    this.socket = socket;
    this.open = open;
    this.share = context.eventsRoom().new Share();
  }

  /** Takes what comes next, when the backend can. */
  void next() {
    take(1, WAIT_NANOS);
  }

  private void take(int max, long waitNanos) {
    if (closed || call != null || !socket.open()) {
      return;
    }
    int most = open == null ? max : Math.min(max, open.room());
    if (isBehind() || most == 0) {
      waitsForRoom = true;
      return;
    }
    waitsForRoom = false;
    if (open != null && waitNanos == 0) {
      // Not while it waits: many idle topics would leave nothing for those that have messages.
      asked = most;
      open.ask(most);
    }
    Call<Received> receive =
        queues.receive(
            queue,
            new ReceiveOptions(
                most, waitNanos, ReceiveOptions.UNTIL_SETTLED, BATCH_BYTES_MAX, share));
    call = receive;
    LaneStep.guarded(receive.result(), socket.lane(), this::received, socket::failed);
  }

  private boolean isBehind() {
    return socket.pendingBytes() > sendBufferBytes;
  }

  /** The backend has read, or acknowledged, something. */
  void onRoom() {
    if (!held.isEmpty() && !isBehind()) {
      List<Delivery> deliveries = held;
      held = List.of();
      handOut(deliveries);
    } else if (waitsForRoom && held.isEmpty()) {
      next();
    }
  }

  private void received(Result<Received> result) {
    call = null;
    if (result instanceof Result.Refused<Received> refused) {
      freeRoom();
      ErrorCode code = refused.error().code();
      if (code == ErrorCode.CHANNEL_DELETED) {
        next();
      } else if (!closed && code != ErrorCode.SHUTTING_DOWN) {
        socket.closeAfterWrites(
            INTERNAL_ERROR, "queue " + queue + " cannot be read: " + refused.error().detail());
      }
      return;
    }
    List<Delivery> deliveries = result.orThrow().deliveries();
    share.fetched(deliveries);
    if (deliveries.isEmpty()) {
      freeRoom();
      next();
      return;
    }
    if (closed || !isBehind()) {
      handOut(deliveries);
    } else if (share.mayStay()) {
      // Many topics may have been asked at once, each for what fits alone.
      held = deliveries;
    } else {
      putBack(deliveries);
      waitsForRoom = true;
    }
  }

  // A socket that is closing takes nothing, and what it does not take would come again at once.
  private void handOut(List<Delivery> deliveries) {
    if (closed || !socket.open()) {
      putBack(deliveries);
      return;
    }
    write(deliveries);
    take(BATCH_MAX, 0);
  }

  private void write(List<Delivery> deliveries) {
    int[] ends = new int[deliveries.size()];
    ByteBuf frames;
    try {
      frames = frames(deliveries, ends);
    } catch (RuntimeException | Error e) {
      putBack(deliveries);
      throw e;
    }
    if (open == null) {
      socket.writeFramesCounted(frames, bytes -> written(deliveries, ends, bytes));
    } else {
      socket.writeFrames(frames, null);
    }
    socket.flushSoon();
    traffic.consumed(deliveries.size());
    freeRoom();
  }

  /** What was asked for has become events, has gone back, or does not come. */
  private void freeRoom() {
    share.end();
    if (open != null && asked > 0) {
      int free = asked;
      asked = 0;
      open.asked(free);
    }
  }

  // What had left as a whole may have been handled. A part of an event is nothing to a backend.
  private void written(List<Delivery> deliveries, int[] ends, long bytes) {
    int whole = ends.length;
    while (whole > 0 && ends[whole - 1] > bytes) {
      whole--;
    }
    if (whole > 0) {
      settle(deliveries.subList(0, whole), Settlement.ACK);
    }
    if (whole < ends.length) {
      settle(deliveries.subList(whole, ends.length), Settlement.PUT_BACK);
    }
  }

  /**
   * All events, as frames.
   *
   * @param ends is given where each of them ends
   */
  private ByteBuf frames(List<Delivery> deliveries, int[] ends) {
    ByteBuf frames = socket.allocator().buffer();
    ByteBuf event = socket.allocator().buffer();
    boolean done = false;
    List<String> handles = new ArrayList<>();
    try {
      for (int i = 0; i < ends.length; i++) {
        Delivery each = deliveries.get(i);
        event.clear();
        String handle = open == null ? null : open.add(each.receipt());
        if (handle != null) {
          handles.add(handle);
        }
        QueueEvents.write(event, node, each.message().message(), handle);
        WebSocketFrames.writeTextHeader(frames, event.readableBytes());
        frames.writeBytes(event);
        ends[i] = frames.readableBytes();
      }
      done = true;
      return frames;
    } finally {
      event.release();
      if (!done) {
        frames.release();
        if (open != null) {
          open.take(handles);
        }
      }
    }
  }

  private void putBack(List<Delivery> deliveries) {
    settle(deliveries, Settlement.PUT_BACK);
    freeRoom();
  }

  private void settle(List<Delivery> deliveries, Settlement settlement) {
    List<Receipt> receipts = deliveries.stream().map(Delivery::receipt).toList();
    queues.settle(receipts, settlement);
  }

  /** Ends it: what was not handed over yet goes back to its place. */
  void close() {
    closed = true;
    Call<Received> waiting = call;
    if (waiting != null) {
      waiting.cancel();
    }
    if (!held.isEmpty()) {
      putBack(held);
      held = List.of();
    }
  }
}
