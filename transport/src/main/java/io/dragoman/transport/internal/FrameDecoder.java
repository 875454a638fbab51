// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Reads a client's WebSocket frames (RFC 6455, 5) as they arrive and hands out whole messages.
 *
 * <p>Every rule is checked as soon as it can be: a frame's header before its payload, a message's
 * size before its bytes, its text with each piece. After a violation nothing more is read. A frame
 * that came in one piece, as most do, is handed out where it lies in the read buffer. Large ones
 * and those in pieces are within the budget for as long as anybody holds them.
 */
final class FrameDecoder {

  /** Hears of what was read. */
  interface Events {

    /** Whether more should be read now. Asked before each frame. */
    boolean reads();

    /** A whole message; the payload is released after the return. */
    void message(boolean text, ByteBuf payload);

    /** A ping. The payload is released after the return. */
    void ping(ByteBuf payload);

    /** A close frame; the code is {@link CloseCodes#NONE} if it had none. */
    void close(int code, String reason);

    /** The client broke a rule, and is to be told this code. */
    void violation(int code, String reason);
  }

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private static final int CONTROL_BYTES_MAX = 125;

  private final Events events;
  private final long messageBytesMax;
  private final BodyBuffer message;
  private final Utf8Validator utf8 = new Utf8Validator();

  /** The bytes of the frame header that have arrived, and how many it has as far as is known. */
  private final byte[] header = new byte[14];

  private int headerBytes;
  private int headerLength = 2;

  private final ByteBuf control;

  private boolean inPayload;
  private boolean finalFrame;
  private int opcode;
  private int mask;
  private long length;
  private long payloadRead;

  /** Between the first and the last frame of a fragmented message. */
  private boolean fragmented;

  private boolean text;
  private boolean stopped;

  FrameDecoder(Events events, ByteBufAllocator allocator, BodyBudget budget, long messageBytesMax) {
    this.events = events;
    this.messageBytesMax = messageBytesMax;
    message = new BodyBuffer(allocator, budget);
    control = Unpooled.buffer(0, CONTROL_BYTES_MAX);
  }

  /** Reads until the buffer is empty, no more is wanted, or the connection is over. */
  void decode(ByteBuf in) {
    while (!stopped && (inPayload ? in.isReadable() || length == payloadRead : startsFrame(in))) {
      if (inPayload) {
        payload(in);
      } else {
        header(in);
      }
    }
  }

  private boolean startsFrame(ByteBuf in) {
    return in.isReadable() && (headerBytes > 0 || events.reads());
  }

  /** Reads nothing more, and lets go of what is incomplete. */
  void stop() {
    stopped = true;
    message.discard();
  }

  // ---- frame headers

  private void header(ByteBuf in) {
    while (headerBytes < headerLength && in.isReadable()) {
      header[headerBytes++] = in.readByte();
      if (headerBytes == 2 && !firstBytes(header[0], header[1])) {
        return;
      }
    }
    if (headerBytes == headerLength) {
      headerComplete();
    }
  }

  private boolean firstBytes(byte first, byte second) {
    finalFrame = first < 0;
    opcode = first & 0x0F;
    boolean masked = second < 0;
    int shortLength = second & 0x7F;
    int extended = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8;
    headerLength = 2 + extended + (masked ? 4 : 0);
    if ((first & 0x70) != 0) {
      return violation(CloseCodes.PROTOCOL_ERROR, "reserved bits are set");
    }
    // Some clients in use do not mask their close frames. What they mean is clear.
    if (!masked && opcode != CLOSE) {
      return violation(CloseCodes.PROTOCOL_ERROR, "client frames must be masked");
    }
    return opcode < CLOSE ? dataOpcode() : controlOpcode(shortLength);
  }

  private boolean dataOpcode() {
    if (opcode > BINARY) {
      return violation(CloseCodes.PROTOCOL_ERROR, "reserved opcode");
    }
    if ((opcode == CONTINUATION) != fragmented) {
      return violation(
          CloseCodes.PROTOCOL_ERROR,
          fragmented ? "a message has not ended" : "continuation of no message");
    }
    return true;
  }

  private boolean controlOpcode(int shortLength) {
    if (opcode > PONG) {
      return violation(CloseCodes.PROTOCOL_ERROR, "reserved opcode");
    }
    if (!finalFrame || shortLength > CONTROL_BYTES_MAX) {
      return violation(CloseCodes.PROTOCOL_ERROR, "control frame fragmented or too long");
    }
    return true;
  }

  private boolean violation(int code, String reason) {
    stop();
    events.violation(code, reason);
    return false;
  }

  private void headerComplete() {
    int shortLength = header[1] & 0x7F;
    length = shortLength < 126 ? shortLength : number(2, shortLength == 126 ? 2 : 8);
    mask = header[1] < 0 ? (int) number(headerLength - 4, 4) : 0;
    boolean shortest = shortLength < 126 || length > (shortLength == 126 ? 125 : 0xFFFF);
    if (length < 0 || !shortest) {
      violation(CloseCodes.PROTOCOL_ERROR, "malformed length");
    } else if (opcode < CLOSE && length > messageBytesMax - message.size()) {
      violation(CloseCodes.TOO_LARGE, "message too large");
    } else {
      beginPayload();
    }
  }

  private long number(int start, int bytes) {
    long value = 0;
    for (int i = start; i < start + bytes; i++) {
      value = value << 8 | header[i] & 0xFF;
    }
    return value;
  }

  private void beginPayload() {
    inPayload = true;
    payloadRead = 0;
    if (opcode == TEXT || opcode == BINARY) {
      text = opcode == TEXT;
      utf8.reset();
    }
  }

  private void frameComplete() {
    inPayload = false;
    headerBytes = 0;
    headerLength = 2;
  }

  // ---- payloads

  private void payload(ByteBuf in) {
    int size = (int) Math.min(length - payloadRead, in.readableBytes());
    if (size > 0) {
      Masks.unmask(in.slice(in.readerIndex(), size), mask, payloadRead);
    }
    payloadRead += size;
    if (opcode >= CLOSE) {
      controlPayload(in, size);
    } else if (text && !utf8.accept(in, in.readerIndex(), in.readerIndex() + size)) {
      violation(CloseCodes.INVALID_DATA, "text is not UTF-8");
    } else {
      dataPayload(in, size);
    }
  }

  private void dataPayload(ByteBuf in, int size) {
    boolean complete = payloadRead == length;
    if (complete && finalFrame && message.size() == 0 && size < BodyBuffer.COPY_BYTES_MAX) {
      ByteBuf whole = in.readSlice(size);
      frameComplete();
      deliver(whole);
    } else if (size > 0 && !message.add(in, size, Math.max(length, message.size()))) {
      violation(CloseCodes.TRY_AGAIN_LATER, "too many bytes in flight");
    } else if (complete) {
      frameComplete();
      fragmented = !finalFrame;
      if (finalFrame) {
        deliverCollected();
      }
    }
  }

  private void deliverCollected() {
    ByteBuf whole = message.take();
    try {
      deliver(whole);
    } finally {
      whole.release();
    }
  }

  private void deliver(ByteBuf whole) {
    fragmented = false;
    if (text && !utf8.complete()) {
      violation(CloseCodes.INVALID_DATA, "text ends within a character");
    } else {
      events.message(text, whole);
    }
  }

  private void controlPayload(ByteBuf in, int size) {
    control.writeBytes(in, size);
    if (payloadRead < length) {
      return;
    }
    frameComplete();
    if (opcode == PING) {
      events.ping(control);
    } else if (opcode == CLOSE) {
      close();
    }
    control.clear();
  }

  private void close() {
    int size = control.readableBytes();
    int code = size < 2 ? CloseCodes.NONE : control.getUnsignedShort(0);
    if (size == 1 || size > 1 && !CloseCodes.mayBeSent(code)) {
      violation(CloseCodes.PROTOCOL_ERROR, "invalid close code");
      return;
    }
    utf8.reset();
    if (size > 2 && !(utf8.accept(control, 2, size) && utf8.complete())) {
      violation(CloseCodes.INVALID_DATA, "close reason is not UTF-8");
      return;
    }
    String reason = size > 2 ? control.toString(2, size - 2, StandardCharsets.UTF_8) : "";
    stop();
    events.close(code, reason);
  }
}
