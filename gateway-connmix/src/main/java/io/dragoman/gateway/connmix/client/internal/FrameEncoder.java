// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.PacketCodec;
import io.dragoman.transport.WebSocketFrames;
import io.netty.buffer.ByteBuf;

/** Writes what is sent to clients as they get it. */
interface FrameEncoder {
  /** For WebSockets. */
  FrameEncoder WEB_SOCKET =
      new FrameEncoder() {
        @Override
        public boolean encode(ByteBuf out, byte[] payload, boolean binary) {
          if (binary) {
            WebSocketFrames.writeBinaryHeader(out, payload.length);
          } else {
            WebSocketFrames.writeTextHeader(out, payload.length);
          }
          out.writeBytes(payload);
          return true;
        }

        @Override
        public boolean shared() {
          return true;
        }
      };

  /** For TCP. */
  static FrameEncoder of(PacketCodec codec) {
    return new FrameEncoder() {
      @Override
      public boolean encode(ByteBuf out, byte[] payload, boolean binary) {
        return codec.encode(out, payload);
      }

      @Override
      public boolean shared() {
        return codec.shared();
      }
    };
  }

  /** Writes a payload; gives false, and writes nothing, when that cannot be done. */
  boolean encode(ByteBuf out, byte[] payload, boolean binary);

  /** Whether many clients have this encoder. */
  boolean shared();
}
