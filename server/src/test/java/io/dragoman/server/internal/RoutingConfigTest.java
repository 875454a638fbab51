// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where routes come from, and what is said of routes that are none. */
final class RoutingConfigTest {

  @Test
  void shouldReadRoutesWrittenOutOrAsText() throws Exception {
    // given
    String json = "[{\"Key\":\"a\",\"Routes\":\"events:x;queues:y\"}]";

    // when
    String written = data("routing:\n  data:\n    - Key: a\n      Routes: events:x;queues:y\n");
    String text = data("routing.data: '" + json + "'\n");

    // then
    assertThat(written).isEqualTo(json);
    assertThat(text).isEqualTo(json);
    assertThat(data("routing.data: " + json + "\n")).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'[{\"Key\":\"a\",\"Routes\":\"routes:b\"}]' | Routes may not contain routes:",
        "'[{\"Key\":\"a\",\"Routes\":\"events:\"}]'  | a part of it is empty",
        "'[{\"Key\":\"a\",\"Routes\":\"b\"},{\"Key\":\"a\",\"Routes\":\"c\"}]' | a is there twice",
        "'[{\"Key\":\"a\",\"Channels\":\"b\"}]'      | unknown Channels",
        "'{}'                                        | an array of objects",
        "'[{'                                        | not JSON in line 1",
        "'[{\"Key\":\"\",\"Routes\":\"b\"}]'         | an array of objects",
        "'[{\"Key\":\"a\",\"Routes\":[\"b\"]}]'      | an array of objects",
      })
  void shouldSayWhatIsWrongWithATable(String table, String words) {
    assertThatThrownBy(() -> data("routing.data: '" + table + "'\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("f:1")
        .hasMessageContaining("routing.data")
        .hasMessageContaining(words);
  }

  @Test
  void shouldTakeRoutesFromOneSourceOnly() {
    assertThatThrownBy(() -> data("routing.data: '[]'\nrouting.file: routes.json\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("routing.data is set as well");
  }

  @Test
  void shouldRefuseAUrlThatIsNone() {
    assertThatThrownBy(() -> data("routing.url: ftp://host/routes\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("an http or https URL");
  }

  private static String data(String yaml) throws ConfigException {
    return new ConfigLoader().yaml(yaml, "f").load().config().routing().data().orElse("");
  }
}
