// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.testkit.Mutations;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonTreeFuzzTest {

  @FuzzTest
  void anyText(byte[] data) {
    take(data);
  }

  @Test
  void shouldTakeDamagedTexts() {
    Mutations.of(JsonTreeFuzzTest.class, "anyText", 20_000, JsonTreeFuzzTest::take);
  }

  /** What is read can be written, and is the same then. */
  private static void take(byte[] data) {
    JsonTree tree = JsonTree.read(Unpooled.wrappedBuffer(data));
    String json = tree.json();
    assertThat(JsonTree.read(json).json()).isEqualTo(json);
    for (String pointer : List.of("", "/", "/a/0", "op", "/~0~1", "/a/1/b~1c")) {
      JsonTree found = tree.at(pointer);
      assertThat(found == null || !found.json().isEmpty()).isTrue();
    }
  }

  @Test
  void shouldFindWhatPointersPointTo() {
    JsonTree tree = JsonTree.read("{\"a\":[1,{\"b/c\":\"x\"}],\"op\":\"say\",\"n\":null,\"\":0}");
    assertThat(text(tree, "/op")).isEqualTo("say");
    assertThat(text(tree, "op")).isEqualTo("say");
    assertThat(text(tree, "/a/0")).isEqualTo("1");
    assertThat(text(tree, "/a/1/b~1c")).isEqualTo("x");
    assertThat(text(tree, "/")).isEqualTo("0");
    assertThat(text(tree, "/n")).isEqualTo("none");
    assertThat(text(tree, "/a")).isEqualTo("none");
    assertThat(tree.at("/a/2")).isNull();
    assertThat(tree.at("/op/x")).isNull();
    assertThat(JsonTree.read("{} {}")).isSameAs(JsonTree.NONE);
  }

  private static String text(JsonTree tree, String pointer) {
    JsonTree found = tree.at(pointer);
    return found == null || found.text() == null ? "none" : found.text();
  }
}
