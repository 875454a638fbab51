// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.server.internal.ConfigLoader;
import io.dragoman.server.internal.ServerConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Eventhub's {@code LISTEN_PORT}, which must never stop the start (ruling 13). */
@Timeout(60)
final class ForeignPortTest {

  @TempDir private Path data;

  private ConfigLoader loader() {
    ConfigLoader loader = new ConfigLoader().set("data.dir", data.toString(), "test");
    for (String key :
        new String[] {
          "http.port",
          "kubemq.rest.port",
          "kubemq.grpc.port",
          "connmix.api.port",
          "connmix.center.port"
        }) {
      loader.set(key, "0", "test");
    }
    return loader;
  }

  private static ServerConfig withForeignPort(ConfigLoader loader, int port) throws Exception {
    return loader.environment(Map.of("LISTEN_PORT", Integer.toString(port))).load().config();
  }

  @Test
  void shouldOpenAListenerThere() throws Exception {
    // given
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }

    // when
    Node node = Node.start(withForeignPort(loader(), free));

    // then
    try {
      assertThat(node.listeners().endpoint("eventhub")).isPresent();
      assertThat(node.listeners().endpoint("eventhub").get().uri().getPort()).isEqualTo(free);
    } finally {
      node.stop(Duration.ZERO);
    }
  }

  /** That a variable is set somewhere must not open the broker to every page that is visited. */
  @Test
  void shouldKeepWebPagesAwayUnlessTokensAreRequired() throws Exception {
    assertThat(pageStatus(loader())).isEqualTo(403);
    ConfigLoader tokens =
        loader().set("auth.enabled", "true", "test").set("auth.jwt.secret", "s", "test");
    assertThat(pageStatus(tokens)).isEqualTo(401);
    ConfigLoader listed = loader().set("http.allowedOrigins", "https://elsewhere.example", "test");
    assertThat(pageStatus(listed)).isEqualTo(400);
  }

  /** What a page from elsewhere is told that asks for what is no WebSocket. */
  private static int pageStatus(ConfigLoader loader) throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Node node = Node.start(withForeignPort(loader, free));
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + free + "/any"))
              .header("Origin", "https://elsewhere.example")
              .build();
      return HttpClient.newHttpClient()
          .send(request, HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } finally {
      node.stop(Duration.ZERO);
    }
  }

  @Test
  void shouldStartWithoutItWhereThePortIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // given
      int taken = other.getLocalPort();

      // when
      Node node = Node.start(withForeignPort(loader(), taken));

      // then
      try {
        assertThat(node.listeners().endpoint("eventhub")).isEmpty();
        assertThat(node.listeners().endpoint("http")).isPresent();
        assertThat(node.listeners().notes())
            .anyMatch(
                note ->
                    note.startsWith("eventhub is not open: eventhub.port: port " + taken + " is"));
      } finally {
        node.stop(Duration.ZERO);
      }
    }
  }

  @Test
  void shouldNotStartWhereOurOwnSettingNamesATakenPort() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // given
      int taken = other.getLocalPort();
      ServerConfig config =
          loader().set("eventhub.port", Integer.toString(taken), "test").load().config();

      // when, then
      assertThatThrownBy(() -> Node.start(config))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("eventhub.port: port " + taken);
    }
  }
}
