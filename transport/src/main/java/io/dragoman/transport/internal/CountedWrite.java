// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelProgressivePromise;

/** A write of which is known how much the kernel has taken. For the event loop. */
final class CountedWrite extends DefaultChannelProgressivePromise {
  private long taken;

  CountedWrite(Channel channel) {
    super(channel);
  }

  long taken() {
    return taken;
  }

  // Listeners to progress are not needed: only its end is of interest, and only if it fails.
  @Override
  public boolean tryProgress(long progress, long total) {
    taken = progress;
    return true;
  }
}
