// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;

/** The message by which clients ask whether somebody is there. */
final class TextPing {
  private static final byte[] PING = JsonText.ascii("ping");
  private static final byte[] PONG = JsonText.ascii("pong");

  private TextPing() {}

  static boolean is(ByteBuf payload) {
    if (payload.readableBytes() != PING.length) {
      return false;
    }
    for (int i = 0; i < PING.length; i++) {
      if (payload.getByte(payload.readerIndex() + i) != PING[i]) {
        return false;
      }
    }
    return true;
  }

  /** Not to be changed. */
  static byte[] answer() {
    return PONG;
  }
}
