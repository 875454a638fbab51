// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The framings that can be configured.
 *
 * <ul>
 *   <li>{@code LINE}: text that ends with a line feed, before which a carriage return is left out.
 *       A line feed within what is pushed ends a line.
 *   <li>{@code JSONL}: a JSON value on each line; empty lines are left out. Line breaks within what
 *       is pushed become blanks, which means the same in JSON.
 *   <li>{@code LENGTH16}, {@code LENGTH32}: the length in bytes before the payload, most
 *       significant byte first.
 *   <li>{@code FIXED}: so many bytes each. What is pushed is filled up with zeros; more than so
 *       many bytes cannot be pushed.
 * </ul>
 *
 * @param sizeBytes of each packet, if it is fixed; else 0
 * @param packetBytesMax the longest payload a client may send; a longer one ends its connection
 */
public record Framing(Kind kind, int sizeBytes, int packetBytesMax) implements PacketCodec {
  private static final int LENGTH16_MAX = 0xFFFF;

  /** How a packet's end is found. */
  public enum Kind {
    LINE,
    JSONL,
    LENGTH16,
    LENGTH32,
    FIXED
  }

  /** Checks the sizes. */
  public Framing {
    if (packetBytesMax < 1) {
      throw new IllegalArgumentException("packetBytesMax must be positive: " + packetBytesMax);
    }
    if (kind == Kind.FIXED ? sizeBytes < 1 || sizeBytes > packetBytesMax : sizeBytes != 0) {
      throw new IllegalArgumentException("no size of packets in this framing: " + sizeBytes);
    }
  }

  @Override
  public int packetLength(ByteBuf in) {
    return packetLength(in, 0);
  }

  @Override
  public int packetLength(ByteBuf in, int seen) {
    return switch (kind) {
      case LINE, JSONL -> lineLength(in, seen);
      case LENGTH16 -> prefixed(in, 2);
      case LENGTH32 -> prefixed(in, 4);
      case FIXED -> in.readableBytes() < sizeBytes ? INCOMPLETE : sizeBytes;
    };
  }

  private int lineLength(ByteBuf in, int seen) {
    // A carriage return may be there besides.
    int longest = packetBytesMax + 2;
    int length = Math.min(in.readableBytes(), longest);
    int from = Math.min(seen, length);
    int found = in.bytesBefore(in.readerIndex() + from, length - from, (byte) '\n');
    if (found >= 0) {
      int end = from + found;
      boolean returns = end > 0 && in.getByte(in.readerIndex() + end - 1) == '\r';
      return end - (returns ? 1 : 0) > packetBytesMax ? INVALID : end + 1;
    }
    return in.readableBytes() >= longest ? INVALID : INCOMPLETE;
  }

  private int prefixed(ByteBuf in, int prefix) {
    if (in.readableBytes() < prefix) {
      return INCOMPLETE;
    }
    int at = in.readerIndex();
    long length = prefix == 2 ? in.getUnsignedShort(at) : in.getUnsignedInt(at);
    if (length > packetBytesMax) {
      return INVALID;
    }
    return in.readableBytes() < prefix + length ? INCOMPLETE : (int) (prefix + length);
  }

  @Override
  public @Nullable ByteBuf payload(ByteBuf packet) {
    return switch (kind) {
      case LINE -> line(packet);
      case JSONL -> {
        ByteBuf line = line(packet);
        yield line.isReadable() ? line : null;
      }
      case LENGTH16 -> packet.slice(packet.readerIndex() + 2, packet.readableBytes() - 2);
      case LENGTH32 -> packet.slice(packet.readerIndex() + 4, packet.readableBytes() - 4);
      case FIXED -> packet;
    };
  }

  private static ByteBuf line(ByteBuf packet) {
    int length = packet.readableBytes() - 1;
    int start = packet.readerIndex();
    if (length > 0 && packet.getByte(start + length - 1) == '\r') {
      length--;
    }
    return packet.slice(start, length);
  }

  @Override
  public boolean encode(ByteBuf out, byte[] payload) {
    switch (kind) {
      case LINE -> out.writeBytes(payload).writeByte('\n');
      case JSONL -> {
        for (byte each : payload) {
          out.writeByte(each == '\n' || each == '\r' ? ' ' : each);
        }
        out.writeByte('\n');
      }
      case LENGTH16 -> {
        if (payload.length > LENGTH16_MAX) {
          return false;
        }
        out.writeShort(payload.length).writeBytes(payload);
      }
      case LENGTH32 -> out.writeInt(payload.length).writeBytes(payload);
      case FIXED -> {
        if (payload.length > sizeBytes) {
          return false;
        }
        out.writeBytes(payload).writeZero(sizeBytes - payload.length);
      }
    }
    return true;
  }

  @Override
  public boolean shared() {
    return true;
  }
}
