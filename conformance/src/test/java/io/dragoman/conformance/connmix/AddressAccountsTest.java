// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import org.junit.jupiter.api.Test;

/** Accounts for whoever comes from an address, as the PHP client's workers need (§2.8). */
@ConnmixSuite(
    settings =
        "connmix.access.users=[{host: 127.0.0.*, roles: [read]}, {host: 127.*.*.1, roles: [write]},"
            + " {username: console, password: see, roles: [read]}]")
class AddressAccountsTest {
  private final Connmix connmix;

  AddressAccountsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldGrantTheRolesOfTheAddress() {
    assertThat(connmix.get(connmix.center(), "/v1/nodes").status()).isEqualTo(200);
    try (Backend backend = connmix.backend()) {
      backend.pop("t");
    }
  }

  @Test
  void shouldNotGrantThemToThoseWhoSaySomethingElse() {
    assertThat(
            RawWebSocket.refused(
                    connmix.api(),
                    Connmix.SOCKET,
                    "Authorization: Basic " + Json.base64("console:wrong"))
                .status())
        .isEqualTo(401);
    try (Backend backend =
        connmix.backend(Connmix.SOCKET, "Authorization: Basic " + Json.base64("console:see"))) {
      backend.refused(102, "queue.pop", "{\"t\":[\"t\"]}");
    }
  }
}
