// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Push;
import io.dragoman.core.PushBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
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

  /** The frames of all pushes, or of the first ones, if what follows cannot be encoded. */
  static final class Encoded implements AutoCloseable {
    private final FrameEncoder encoder;
    private final ByteBuf frames;
    private final int[] ends;
    private final int count;

    private Encoded(FrameEncoder encoder, List<Push> pushes, ByteBufAllocator allocator) {
      this.encoder = encoder;
      int bytes = 0;
      for (Push each : pushes) {
        bytes += HEADER_BYTES + each.message().body().length;
      }
      frames = allocator.buffer(bytes);
      ends = new int[pushes.size()];
      int encoded = 0;
      while (encoded < ends.length) {
        Push push = pushes.get(encoded);
        if (!encoder.encode(frames, push.message().body(), push.binary())) {
          break;
        }
        ends[encoded] = frames.readableBytes();
        encoded++;
      }
      count = encoded;
    }

    /**
     * How many can be added to what waits already, if each may be added while less than the
     * allowance is waiting.
     */
    int within(int pushesMax, long pendingBytes, long allowance) {
      int fitting = 0;
      long waiting = pendingBytes;
      int most = Math.min(count, pushesMax);
      while (fitting < most && waiting < allowance) {
        waiting = pendingBytes + ends[fitting];
        fitting++;
      }
      return fitting;
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

  /** The frames for a client, which closes them if its encoder is not shared. */
  Encoded of(FrameEncoder encoder, ByteBufAllocator allocator) {
    for (int i = 0; i < kept.size(); i++) {
      if (kept.get(i).encoder == encoder) {
        return kept.get(i);
      }
    }
    Encoded made = new Encoded(encoder, batch.pushes(), allocator);
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
