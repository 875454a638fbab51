// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Push;
import io.dragoman.core.PushBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What is pushed to many clients at once, encoded once for each kind of client. For one lane. */
final class PushFrames implements AutoCloseable {
  /** What a header takes, roughly. */
  private static final int HEADER_BYTES = 10;

  private final PushBatch batch;

  /** One for each listener at most. */
  private final List<Encoded> kept = new ArrayList<>(2);

  PushFrames(PushBatch batch) {
    this.batch = batch;
  }

  /**
   * The frames of the first pushes, as many as a client of this kind can have waiting; those that
   * it cannot be given at all are left out.
   */
  static final class Encoded implements AutoCloseable {
    private final FrameEncoder encoder;
    private final ByteBuf frames;
    private final int[] ends;
    private final int count;
    private final BitSet unfit = new BitSet();

    private Encoded(
        FrameEncoder encoder, List<Push> pushes, ByteBufAllocator allocator, int bytesMax) {
      this.encoder = encoder;
      ends = new int[pushes.size()];
      long bytes = 0;
      for (Push each : pushes) {
        bytes += HEADER_BYTES + each.message().body().length;
      }
      frames = allocator.buffer((int) Math.min(bytes, bytesMax));
      boolean done = false;
      try {
        count = encode(pushes, bytesMax);
        done = true;
      } finally {
        if (!done) {
          frames.release();
        }
      }
    }

    private int encode(List<Push> pushes, int bytesMax) {
      int encoded = 0;
      while (encoded < ends.length && frames.readableBytes() < bytesMax) {
        Push push = pushes.get(encoded);
        if (!encoder.encode(frames, push.message().body(), push.binary())) {
          unfit.set(encoded);
        }
        ends[encoded] = frames.readableBytes();
        encoded++;
      }
      return encoded;
    }

    /**
     * How many can be added to what waits already, or left out, if each may be added while less
     * than the allowance is waiting.
     */
    int within(int pushesMax, long pendingBytes, long allowance) {
      int fitting = 0;
      int added = 0;
      long waiting = pendingBytes;
      while (fitting < count && added < pushesMax && waiting < allowance) {
        waiting = pendingBytes + ends[fitting];
        added += unfit.get(fitting) ? 0 : 1;
        fitting++;
      }
      return fitting;
    }

    /** How many of the first pushes are left out. */
    int skipped(int pushes) {
      return unfit.isEmpty() ? 0 : unfit.get(0, pushes).cardinality();
    }

    /** The places of those that are left out. */
    BitSet unfit() {
      return unfit;
    }

    /** The frames of the first pushes, to be written and thereby released. */
    ByteBuf first(int pushes) {
      return pushes == count
          ? frames.retainedDuplicate()
          : frames.retainedSlice(0, ends[pushes - 1]);
    }

    @Override
    public void close() {
      frames.release();
    }
  }

  /**
   * The frames for a client, which closes them if its encoder is not shared.
   *
   * @param bytesMax the allowance, the same for all that share an encoder
   */
  Encoded of(FrameEncoder encoder, ByteBufAllocator allocator, int bytesMax) {
    for (int i = 0; i < kept.size(); i++) {
      if (kept.get(i).encoder == encoder) {
        return kept.get(i);
      }
    }
    Encoded made = new Encoded(encoder, batch.pushes(), allocator, bytesMax);
    if (encoder.shared()) {
      kept.add(made);
    }
    return made;
  }

  @Override
  public void close() {
    kept.forEach(Encoded::close);
  }
}
