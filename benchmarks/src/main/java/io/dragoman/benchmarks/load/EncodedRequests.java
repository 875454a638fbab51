// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Methods as a load generator calls them: requests are encoded before the load begins, and of
 * answers only the length is looked at.
 */
final class EncodedRequests {

  private EncodedRequests() {}

  static MethodDescriptor<byte[], Integer> of(MethodDescriptor<?, ?> method) {
    return method.toBuilder(new Requests(), new Lengths()).build();
  }

  private static final class Requests implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] request) {
      return new Bytes(request);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("requests are only sent");
    }
  }

  private static final class Lengths implements MethodDescriptor.Marshaller<Integer> {
    @Override
    public InputStream stream(Integer length) {
      throw new UnsupportedOperationException("answers are only read");
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        return stream.available();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Knows its length and copies itself in one go. */
  private static final class Bytes extends ByteArrayInputStream implements KnownLength, Drainable {
    Bytes(byte[] bytes) {
      super(bytes);
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
