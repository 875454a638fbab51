// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.transport.Guest;
import io.grpc.Context;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * What one call takes of the node's budget for bodies in flight: its messages from their first byte
 * until they are answered, compressed ones at their real size. gRPC tells of the bytes as they
 * arrive, so a message that does not fit is refused before it is complete. For one lane.
 *
 * <p>A message belongs to the call until the call ends. One that is only passed on ({@link
 * #release}) is given back earlier, and in a stream each is when its turn is over. What somebody
 * claims counts until it is given back, also when the call has ended before: a client that leaves
 * does not stop what it has begun.
 */
final class InboundBudget extends ServerStreamTracer {
  private static final Context.Key<InboundBudget> KEY = Context.key("dragoman-inbound-budget");
  private static final Status EXHAUSTED =
      Status.RESOURCE_EXHAUSTED.withDescription(
          "too many bytes of requests are in flight, please retry");

  private final Guest guest;
  private final GrpcCallMetrics metrics;
  private @Nullable ServerCall<?, ?> call;

  /** Of the message that is arriving. */
  private long arriving;

  /** Of messages that arrived and that nobody claimed. */
  private long unclaimed;

  /** The latest message as it arrived, and as much of it as has been unpacked. */
  private long packed;

  private long unpacked;
  private @Nullable Status unreadable;
  private boolean refused;
  private boolean closed;

  InboundBudget(Guest guest, GrpcCallMetrics metrics) {
    this.guest = guest;
    this.metrics = metrics;
    metrics.opened();
  }

  /** That of the call which is being served on this thread; null outside a server. */
  static @Nullable InboundBudget current() {
    return KEY.get();
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  /** The call that is to be ended when its messages do not fit. */
  void belongsTo(ServerCall<?, ?> served) {
    call = served;
  }

  @Override
  public void inboundWireSize(long bytes) {
    if (reserve(bytes, arriving + bytes)) {
      arriving += bytes;
    }
  }

  @Override
  public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
    packed = arriving;
    unpacked = 0;
    unclaimed += arriving;
    arriving = 0;
  }

  @Override
  public void inboundUncompressedSize(long bytes) {
    long before = Math.max(unpacked, packed);
    unpacked += bytes;
    long more = unpacked - before;
    if (more > 0 && reserve(more, unpacked)) {
      unclaimed += more;
    }
  }

  private boolean reserve(long bytes, long whole) {
    if (closed || refused) {
      return false;
    }
    if (guest.reserve(bytes, whole)) {
      return true;
    }
    refused = true;
    guest.refusedByBudget();
    if (call != null) {
      call.close(EXHAUSTED, new io.grpc.Metadata());
    }
    return false;
  }

  /** The latest message could not be read. */
  void unreadable(RuntimeException cause) {
    Status status =
        cause instanceof StatusRuntimeException known
            ? Status.fromCode(known.getStatus().getCode())
                .withDescription(known.getStatus().getDescription())
            : Status.INTERNAL.withDescription("the message cannot be read");
    unreadable = status;
  }

  /** Why the latest message could not be read; null if it could. */
  @Nullable Status unreadable() {
    return unreadable;
  }

  /** From now on what has arrived is the caller's, who must give it back. */
  long claim() {
    return claim(Long.MAX_VALUE);
  }

  /** The same for at most so much of it. */
  long claim(long bytesMax) {
    long bytes = Math.min(unclaimed, bytesMax);
    unclaimed -= bytes;
    return bytes;
  }

  /** Ends a claim, also after the call. */
  void giveBack(long bytes) {
    if (bytes > 0) {
      guest.release(bytes);
    }
  }

  /** What has arrived and nobody claimed is not held any longer. */
  void release() {
    giveBack(unclaimed);
    unclaimed = 0;
  }

  @Override
  public void streamClosed(Status status) {
    if (closed) {
      return;
    }
    closed = true;
    guest.release(arriving + unclaimed);
    arriving = 0;
    unclaimed = 0;
    metrics.closed(status);
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && !refused) {
      guest.refusedBySize();
    }
  }
}
