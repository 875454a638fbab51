// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Writes server frames: final, unmasked, uncompressed. For senders that encode a message once for
 * many sockets, or join many messages into one write ({@link WebSocket#writeFrames}).
 */
public final class WebSocketFrames {

  /** The longest header of a server frame. */
  public static final int HEADER_LENGTH_MAX = 10;

  private static final int FINAL_TEXT = 0x81;
  private static final int FINAL_BINARY = 0x82;

  /** Up to here copying the payload behind its header is cheaper than a second buffer. */
  private static final int COPY_BYTES_MAX = 2048;

  private WebSocketFrames() {}

  /** The length of the header of a text frame with a payload of this many bytes: 2, 4 or 10. */
  public static int textHeaderLength(int payload) {
    if (payload < 126) {
      return 2;
    }
    return payload <= 0xFFFF ? 4 : HEADER_LENGTH_MAX;
  }

  /** Writes the header of a text frame with a payload of this many bytes. */
  public static void writeTextHeader(ByteBuf out, int payload) {
    writeHeader(out, FINAL_TEXT, payload);
  }

  /** Writes the header of a binary frame with a payload of this many bytes. */
  public static void writeBinaryHeader(ByteBuf out, int payload) {
    writeHeader(out, FINAL_BINARY, payload);
  }

  private static void writeHeader(ByteBuf out, int first, int payload) {
    if (payload < 126) {
      out.writeShort(first << 8 | payload);
    } else if (payload <= 0xFFFF) {
      out.writeInt(first << 24 | 126 << 16 | payload);
    } else {
      out.writeShort(first << 8 | 127);
      out.writeLong(payload);
    }
  }

  /** One text frame. Takes ownership of the payload, which must be valid UTF-8. */
  public static ByteBuf text(ByteBufAllocator allocator, ByteBuf payload) {
    int length = payload.readableBytes();
    int header = textHeaderLength(length);
    if (length <= COPY_BYTES_MAX) {
      ByteBuf frame = allocator.directBuffer(header + length);
      writeTextHeader(frame, length);
      frame.writeBytes(payload);
      payload.release();
      return frame;
    }
    ByteBuf head = allocator.directBuffer(header);
    writeTextHeader(head, length);
    return allocator.compositeDirectBuffer(2).addComponents(true, head, payload);
  }
}
