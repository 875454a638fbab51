// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import io.dragoman.conformance.Tokens;
import org.junit.jupiter.api.Test;

/** An access policy binds backends that come by a token, by its subject: nobody gets around it. */
@ConnmixSuite(
    settings = {
      "auth.enabled=true",
      "auth.jwt.secret=" + PolicyOfBackendsTest.SECRET,
      "connmix.access.users=[{username: worker, password: pw}]",
      "kubemq.policy.data=" + PolicyOfBackendsTest.POLICY
    })
class PolicyOfBackendsTest {
  static final String SECRET = "a secret that nobody will guess!";
  static final String POLICY =
      "[{\"ClientID\":\"orders\",\"Queues\":true,\"Channel\":\"orders\",\"Read\":true},"
          + "{\"ClientID\":\"orders\",\"Events\":true,\"Channel\":\"news\",\"Write\":true}]";

  private final Connmix connmix;

  PolicyOfBackendsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private Backend with(String claims) {
    return connmix.backend(Connmix.SOCKET, "Authorization: Bearer " + Tokens.hs256(SECRET, claims));
  }

  @Test
  void shouldLetTokensDoWhatThePolicySays() {
    try (Backend backend = with("{\"sub\":\"orders\"}");
        PushedClient client = connmix.client()) {
      backend.pop("orders");
      backend.result("mesh.publish", "{\"c\":\"news\",\"d\":\"x\"}");
      backend.refused(102, "queue.pop", "{\"t\":[\"salaries\"]}");
      backend.refused(102, "mesh.publish", "{\"c\":\"orders\",\"d\":\"x\"}");
      // It speaks of channels, and connections are none.
      backend.refused(102, "mesh.send", "{\"c\":\"" + client.id() + "\",\"d\":\"x\"}");
    }
    try (Backend nobody = with("{}")) {
      nobody.refused(102, "queue.pop", "{\"t\":[\"orders\"]}");
    }
  }

  /** Whoever runs the broker has named them here. */
  @Test
  void shouldLetAccountsDoEverything() {
    String path = Connmix.SOCKET + "?username=worker&password=pw";
    try (Backend worker = connmix.backend(path);
        PushedClient client = connmix.client()) {
      worker.pop("salaries");
      worker.done("mesh.send", "{\"c\":\"" + client.id() + "\",\"d\":\"x\"}");
    }
  }
}
