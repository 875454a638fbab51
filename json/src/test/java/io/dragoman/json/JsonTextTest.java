// SPDX-License-Identifier: Apache-2.0
package io.dragoman.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

  private static String written(String text) {
    ByteBuf out = Unpooled.buffer();
    JsonText.string(out, text);
    return out.toString(UTF_8);
  }

  private static String readBack(String json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      String text = parser.getText();
      assertThat(parser.nextToken()).isNull();
      return text;
    }
  }

  @Test
  void shouldEscapeOnlyWhatMustBe() {
    assertThat(written("a/b ż 日 \ud83d\ude00 \u007f\u2028<>&'"))
        .isEqualTo("\"a/b ż 日 \ud83d\ude00 \u007f\u2028<>&'\"");
    assertThat(written("\"\\\b\f\n\r\t\u0000\u001f"))
        .isEqualTo("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\"");
    assertThat(written("")).isEqualTo("\"\"");
  }

  @Test
  void shouldWriteWhatCanBeReadBack() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        int c = random.nextInt(4) == 0 ? random.nextInt(0x10ffff) : random.nextInt(0x80);
        text.appendCodePoint(c >= 0xd800 && c < 0xe000 ? '?' : c);
      }
      String json = written(text.toString());

      assertThat(readBack(json)).isEqualTo(text.toString());
      assertThat(new String(JsonText.quoted(text.toString()), UTF_8)).isEqualTo(json);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void shouldWriteNumbers(long number) {
    ByteBuf out = Unpooled.buffer();
    JsonText.number(out, number);
    assertThat(out.toString(UTF_8)).isEqualTo(Long.toString(number));
  }
}
