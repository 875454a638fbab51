// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KubemqErrorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "CLIENT_ID_EMPTY|Error 101: invalid clientID value, cannot be empty",
        "START_SEQUENCE_NOT_POSITIVE|Error 112: invalid subscription type start at sequence value,"
            + " cannot by 0 or negative",
        "CHANNEL_ENDS_WITH_DOT|Error 119: invalid channel value, cannot end with `.`",
        "QUEUE_NAME|Error 120: invalid queue name value, cannot be empty, contains wildcards ,white"
            + " spaces and end with dot",
        "MAX_MESSAGES|Error 122: max messages should be between 1 and max message setting in kubemq"
            + " config  ",
        "NO_NEW_MESSAGE|Error 138: no new message in queue, wait time expired",
        "REQUEST_TIMEOUT|Error 301: timeout for request message",
        "AUTHENTICATION_FAILED|Error 421: authentication verification failed, "
      })
  void shouldHaveExactTexts(KubemqError error, String text) {
    assertThat(error.text()).isEqualTo(text);
  }

  @Test
  void shouldUseEachNumberOnce() {
    // Those of ours have none.
    assertThat(
            Arrays.stream(KubemqError.values())
                .map(KubemqError::number)
                .filter(number -> number != 0))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void shouldHaveWordsForAllRefusals(ErrorCode code) {
    assertThat(KubemqErrorMapper.text(new BrokerError(code, "why"))).isNotEmpty();
    assertThat(KubemqErrorMapper.text(new BrokerError(code, ""))).isNotEmpty();
  }

  @Test
  void shouldNotTellInternals() {
    assertThat(KubemqErrorMapper.text(new BrokerError(ErrorCode.INTERNAL, "io.dragoman.X failed")))
        .isEqualTo("internal error");
  }

  @ParameterizedTest
  @CsvSource({
    "REQUEST_TIMEOUT,301",
    "OVERLOADED,302",
    "STORAGE_FULL,402",
    "STORAGE_FAILED,402",
    "SHUTTING_DOWN,409"
  })
  void shouldUseNumbersThatClientsKnow(ErrorCode code, int number) {
    assertThat(KubemqErrorMapper.text(new BrokerError(code, "why")))
        .startsWith("Error " + number + ": ");
  }
}
