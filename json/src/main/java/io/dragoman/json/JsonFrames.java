// SPDX-License-Identifier: Apache-2.0
package io.dragoman.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.io.InputStream;

/** Opens frames from strangers as JSON, without a copy on the heap for those that are small. */
public final class JsonFrames {
  private static final int DEPTH_MAX = 200;
  private static final int NUMBER_LENGTH_MAX = 1000;
  private static final int SCRATCH_BYTES = 64 << 10;
  private static final int MARK_BYTES = 3;
  private static final int BYTE_ORDER_MARK = 0xFFEFBBBF;

  private static final JsonFactory FACTORY =
      ((JsonFactoryBuilder) JsonFactory.builder())
          // Interning what strangers send would fill the JVM's table.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final FastThreadLocal<byte[]> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[SCRATCH_BYTES];
        }
      };

  private JsonFrames() {}

  /** The factory, for writers. */
  public static JsonFactory factory() {
    return FACTORY;
  }

  /**
   * A parser over a frame that is known to be UTF-8, whose reader index does not move. To be closed
   * before this thread opens the next one.
   *
   * @throws IOException if it cannot be JSON
   */
  public static JsonParser open(ByteBuf frame) throws IOException {
    ByteBuf text = frame.slice();
    if (text.readableBytes() >= MARK_BYTES
        && text.getMedium(text.readerIndex()) == BYTE_ORDER_MARK) {
      text.skipBytes(MARK_BYTES);
    }
    // Zeros would make Jackson take the text for UTF-16 or UTF-32.
    for (int i = 0; i < Math.min(4, text.readableBytes()); i++) {
      if (text.getByte(text.readerIndex() + i) == 0) {
        throw new IOException("a zero in the text");
      }
    }
    int length = text.readableBytes();
    byte[] scratch = SCRATCH.get();
    if (length <= scratch.length) {
      text.getBytes(text.readerIndex(), scratch, 0, length);
      return FACTORY.createParser(scratch, 0, length);
    }
    InputStream stream = new ByteBufInputStream(text);
    return FACTORY.createParser(stream);
  }
}
