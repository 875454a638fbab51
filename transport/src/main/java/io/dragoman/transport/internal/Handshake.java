// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer that turns a connection into a WebSocket (RFC 6455, 4.2.2). */
final class Handshake {

  /** The only version there is. */
  static final String VERSION = "13";

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final int OFFERED_MAX = 32;

  private static final int KEY_BYTES = 16;
  private static final int KEY_CHARS = 24;

  private Handshake() {}

  /** Whether a client may send this as its key: 16 bytes in base64 (RFC 6455, 4.2.1). */
  static boolean isKey(String key) {
    try {
      return key.length() == KEY_CHARS && Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * The header line that selects the first of the subprotocols a client offers (RFC 6455, 4.2.2):
   * one of them, since a client takes nothing else for an answer. Empty when it offers none.
   *
   * @param known those that may be selected; if it is empty, any
   */
  static String selection(@Nullable String offered, List<String> known) {
    if (offered == null) {
      return "";
    }
    for (String each : offered.split(",", OFFERED_MAX)) {
      String name = each.trim();
      if (isToken(name) && (known.isEmpty() || known.contains(name))) {
        return "sec-websocket-protocol: " + name + "\r\n";
      }
      if (known.isEmpty()) {
        return "";
      }
    }
    return "";
  }

  private static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
          && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /**
   * @param extra more header lines, each with its line end
   */
  static ByteBuf accept(ByteBufAllocator allocator, String key, String extra) {
    String head =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            + "sec-websocket-accept: "
            + acceptance(key)
            + "\r\n"
            + extra
            + "\r\n";
    byte[] bytes = Ascii.bytes(head);
    return allocator.directBuffer(bytes.length).writeBytes(bytes);
  }

  static String acceptance(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(Ascii.bytes(key + GUID));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
