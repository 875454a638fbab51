// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where in a buffer a WebSocket frame of a server is, for clients that read without a thread of
 * their own. Such a frame is not masked, and as these clients get it, shorter than 64 KiB.
 *
 * @param first its first byte, 0 to 255
 * @param from where its payload begins
 * @param to where its payload ends
 */
public record ServerFrame(int first, int from, int to) {

  private static final int TWO_BYTES_OF_LENGTH = 126;

  /** Takes the next frame out of a buffer, once it is there as a whole. */
  public static Optional<ServerFrame> take(ByteBuffer buffer) {
    int start = buffer.position();
    if (buffer.remaining() < 2) {
      return Optional.empty();
    }
    int size = buffer.get(start + 1) & 0x7f;
    int head = size == TWO_BYTES_OF_LENGTH ? 4 : 2;
    if (buffer.remaining() < head) {
      return Optional.empty();
    }
    if (size == TWO_BYTES_OF_LENGTH) {
      size = buffer.getShort(start + 2) & 0xffff;
    }
    if (buffer.remaining() < head + size) {
      return Optional.empty();
    }
    int from = start + head;
    buffer.position(from + size);
    return Optional.of(new ServerFrame(buffer.get(start) & 0xff, from, from + size));
  }
}
