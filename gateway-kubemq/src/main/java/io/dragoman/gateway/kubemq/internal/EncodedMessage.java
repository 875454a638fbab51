// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A message that has been encoded already and can be sent any number of times: a part of an array
 * that does not change any more.
 *
 * @param offset of its first byte
 * @param length in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
record EncodedMessage(byte[] array, int offset, int length) {

  /** How gRPC gets at the bytes. */
  static final MethodDescriptor.Marshaller<EncodedMessage> MARSHALLER =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(EncodedMessage message) {
          return new Bytes(message);
        }

        @Override
        public EncodedMessage parse(InputStream stream) {
          throw new UnsupportedOperationException("encoded messages are only sent");
        }
      };

  /** Knows its length and copies itself in one go. */
  private static final class Bytes extends ByteArrayInputStream implements KnownLength, Drainable {
    Bytes(EncodedMessage message) {
      super(message.array, message.offset, message.length);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = available();
      target.write(buf, pos, length);
      pos = count;
      return length;
    }
  }
}
