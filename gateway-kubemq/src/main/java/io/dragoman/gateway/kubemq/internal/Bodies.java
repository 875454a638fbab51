// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Bytes of decoded messages, without copying them again: decoding has made an array of each. */
final class Bodies {
  private static final byte[] NONE = new byte[0];

  private Bodies() {}

  /** The bytes, to be changed by nobody. */
  static byte[] of(ByteString decoded) {
    if (decoded.isEmpty()) {
      return NONE;
    }
    Whole whole = new Whole(decoded.size());
    try {
      UnsafeByteOperations.unsafeWriteTo(decoded, whole);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory could not be read", e);
    }
    return whole.array != null ? whole.array : decoded.toByteArray();
  }

  /** Keeps an array that is all there is, and takes nothing else. */
  private static final class Whole extends ByteOutput {
    private final int size;
    private byte @Nullable [] array;

    Whole(int size) {
      this.size = size;
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      array = length == size && value.length == size ? value : null;
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      array = null;
    }

    @Override
    public void write(byte value) {
      array = null;
    }

    @Override
    public void write(ByteBuffer value) {
      array = null;
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      array = null;
    }
  }
}
