// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPatternTest {

  @ParameterizedTest
  @CsvSource({
    "*, 10.0.0.1, true",
    "*, 2001:db8::1, true",
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "010.000.0.001, 10.0.0.1, true",
    "172.*.*.*, 172.16.3.4, true",
    "172.*.*.*, 173.16.3.4, false",
    "172.*.3.*, 172.16.3.4, true",
    "172.*.3.*, 172.16.4.4, false",
    "*.*.*.*, 1.2.3.4, true",
    "*.*.*.*, ::1, false",
    "localhost, 127.0.0.1, true",
    "LOCALHOST, 127.9.0.1, true",
    "localhost, ::1, true",
    "localhost, 10.0.0.1, false",
    "::1, 0:0:0:0:0:0:0:1, true",
    "2001:DB8::1, 2001:db8:0:0::1, true",
    "2001:db8::1, 2001:db8::2, false",
    "10.0.0.1, ::ffff:10.0.0.1, true",
  })
  void shouldMatch(String pattern, String address, boolean matches) throws UnknownHostException {
    assertThat(HostPattern.of(pattern).matches(InetAddress.getByName(address))).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1.2",
        "10.*",
        "host.example",
        "**",
        "1::2::3",
        ":"
      })
  void shouldRefuseOtherForms(String text) {
    assertThatThrownBy(() -> HostPattern.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(HostPattern.FORM);
  }
}
