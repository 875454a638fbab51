// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The PHP client's synchronous publish, which asks for a send (spec: connmix §4). */
@ConnmixSuite(settings = "connmix.api.publishBySend=true")
class PublishBySendTest {
  private final Connmix connmix;

  PublishBySendTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldPublishWhatIsSentToAChannel() {
    String channel = Names.unique("room");
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      client.connection().subscribe(List.of(channel)).orThrow();

      backend.done("mesh.send", "{\"c\":\"" + channel + "\",\"d\":\"all\"}");
      backend.done("mesh.send", "{\"c\":\"" + client.id() + "\",\"d\":\"one\"}");

      assertThat(client.next(2)).containsExactly("text:all", "text:one");
      backend.refused(101, "mesh.send", "{\"d\":\"x\"}");
      backend.refused(401, "mesh.send", "{\"c\":\"1463786910324359168\",\"d\":\"x\"}");
    }
  }
}
