// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;

/**
 * What goes out over one stream, and how much of it the kernel has taken. For one lane.
 *
 * <p>gRPC tells neither of a stream's writes when it is done nor how much waits. But it counts the
 * bytes of a stream from when they are handed to it until the socket's write of them has completed,
 * and it calls {@code onReady} when that count falls below a threshold that can be set. So the
 * stream is divided by marks, and the threshold is always what will be left when everything up to
 * the first mark has been written: the next {@code onReady} is that mark's. What waits is known
 * with the precision of a mark, on the safe side.
 */
final class GrpcOutflow<O> {
  /** What gRPC writes before each message. */
  private static final int PREFIX_BYTES = 5;

  /** Marks are at least so far apart, but for the first two. */
  private static final int MARK_BYTES = 16 << 10;

  private final ServerCall<?, O> call;
  private final LongConsumer taken;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private long sentBytes;
  private long takenBytes;

  /** A place in the stream, and the number of the last message before it. */
  private static final class Mark {
    private final long start;
    private long end;
    private long number;

    Mark(long start) {
      this.start = start;
    }
  }

  /**
   * @param taken is given the number of a message when the kernel has taken it and all before
   */
  GrpcOutflow(ServerCall<?, O> call, LongConsumer taken) {
    this.call = call;
    this.taken = taken;
  }

  /** Sends a message of so many bytes. {@link #arm} must follow, once for all that is sent. */
  void send(O message, int bytes, long number) {
    Mark mark = marks.peekLast();
    if (mark == null || marks.size() < 2 || sentBytes - mark.start >= MARK_BYTES) {
      mark = new Mark(sentBytes);
      marks.add(mark);
    }
    sentBytes += PREFIX_BYTES + bytes;
    mark.end = sentBytes;
    mark.number = number;
    call.sendMessage(message);
  }

  void send(O message, int bytes) {
    send(message, bytes, 0);
  }

  /** Asks gRPC to tell when the first mark has been reached. */
  void arm() {
    Mark first = marks.peek();
    if (first != null) {
      call.setOnReadyThreshold((int) Math.min(sentBytes - first.end + 1, Integer.MAX_VALUE));
    }
  }

  /** To be called on every {@code onReady} of the call. */
  void onReady() {
    for (Mark first = marks.peek(); first != null; first = marks.peek()) {
      arm();
      if (!call.isReady()) {
        return;
      }
      marks.remove();
      takenBytes = first.end;
      taken.accept(first.number);
    }
  }

  /** The call has ended well: all of it has been written. */
  void completed() {
    Mark last = marks.peekLast();
    marks.clear();
    if (last != null) {
      takenBytes = last.end;
      taken.accept(last.number);
    }
  }

  /** Bytes the kernel has not taken yet, or not long ago. */
  long pendingBytes() {
    return sentBytes - takenBytes;
  }
}
