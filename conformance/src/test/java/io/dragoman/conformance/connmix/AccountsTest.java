// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Accounts of backends, their roles and addresses (spec: connmix §2.8). */
@ConnmixSuite(
    settings =
        "connmix.access.users=[{username: worker, password: 'p:w', roles: [read, write]},"
            + " {username: console, password: see, roles: [read]},"
            + " {username: blind, password: push, roles: [write], host: 127.*.*.*},"
            + " {username: remote, password: far, host: 10.*.*.*}]")
class AccountsTest {
  private static final String NO_CREDENTIALS = "";

  private final Connmix connmix;

  AccountsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static String basic(String credentials) {
    return "Basic " + Json.base64(credentials);
  }

  private static String header(String credentials) {
    return "Authorization: " + basic(credentials);
  }

  private int status(URI listener, String path, String credentials) {
    return credentials.equals(NO_CREDENTIALS)
        ? connmix.get(listener, path).status()
        : connmix.get(listener, path, "Authorization", basic(credentials)).status();
  }

  @Test
  void shouldRefuseThoseWithoutAnAccountAtTheHandshake() {
    for (String line :
        List.of(
            "X: y",
            header("worker:wrong"),
            header("worker:"),
            header("nobody:p:w"),
            header("remote:far"),
            "Authorization: Basic ###",
            "Authorization: Basic " + Json.base64("worker"),
            "Authorization: Bearer some.token.here")) {
      Answer answer = RawWebSocket.refused(connmix.api(), Connmix.SOCKET, line);
      assertThat(answer.status()).as(line).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate")).startsWith("Basic");
      assertThat(answer.text()).doesNotContain("wrong");
    }
  }

  @Test
  void shouldRefuseThemOverHttp() {
    for (String path : List.of("/version", "/v1/nodes", "/metrics")) {
      for (URI listener : List.of(connmix.api(), connmix.center())) {
        assertThat(status(listener, path, NO_CREDENTIALS)).isEqualTo(401);
        assertThat(status(listener, path, "console:wrong")).isEqualTo(401);
        assertThat(status(listener, path, "console:see")).isEqualTo(200);
      }
    }
    assertThat(connmix.post("/v1/mesh/publish", "{}").status()).isEqualTo(401);
  }

  @Test
  void shouldLetAccountsInByHeaderAndByQuery() {
    for (String scheme : List.of("Basic ", "basic ", "BASIC  ")) {
      try (Backend backend =
          connmix.backend(Connmix.SOCKET, "Authorization: " + scheme + Json.base64("worker:p:w"))) {
        backend.pop("t");
      }
    }
    try (Backend backend = connmix.backend(Connmix.SOCKET + "?username=worker&password=p%3Aw")) {
      backend.pop("t");
    }
    assertThat(
            RawWebSocket.refused(connmix.api(), Connmix.SOCKET + "?username=worker&password=x")
                .status())
        .isEqualTo(401);
    // In the query of an ordinary request it would be in everybody's logs for no need.
    assertThat(connmix.get(connmix.api(), "/version?username=worker&password=p%3Aw").status())
        .isEqualTo(401);
  }

  @Test
  void shouldLetReadersLookAndPingAndNothingElse() {
    try (Backend backend = connmix.backend(Connmix.SOCKET, header("console:see"))) {
      assertThat(backend.exchange("ping")).isEqualTo("pong");
      assertThat(backend.result("server.ping", "{}")).hasToString("{\"m\":\"server.pong\"}");
      backend.refused(102, "queue.pop", "{\"t\":[\"t\"]}");
      backend.refused(102, "queue.unpop", "{}");
      backend.refused(102, "queue.ack", "{\"a\":[\"1\"]}");
      backend.refused(102, "conn.call", "{\"c\":\"1\",\"f\":\"subscribe\",\"a\":[\"a\"]}");
      backend.refused(102, "mesh.send", "{\"c\":\"1\",\"d\":\"x\"}");
      backend.refused(102, "mesh.publish", "{\"c\":\"a\",\"d\":\"x\"}");
    }
    for (String path : List.of("/v1/mesh/send", "/v1/mesh/publish")) {
      Answer answer =
          connmix.post(path, "{\"c\":\"1\",\"d\":\"x\"}", "Authorization", basic("console:see"));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().at("/E/c").asInt()).isEqualTo(102);
    }
  }

  @Test
  void shouldLetWritersDoAllButLook() {
    try (Backend backend = connmix.backend(Connmix.SOCKET, header("blind:push"))) {
      assertThat(backend.result("mesh.publish", "{\"c\":\"a\",\"d\":\"x\"}"))
          .hasToString("{\"s\":0,\"f\":0}");
    }
    assertThat(status(connmix.api(), "/version", "blind:push")).isEqualTo(403);
    Answer sent =
        connmix.post(
            "/v1/mesh/publish", "{\"c\":\"a\",\"d\":\"x\"}", "Authorization", basic("blind:push"));
    assertThat(sent.text()).isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
  }

  /** Large bodies are not read of those who are refused anyway. */
  @Test
  void shouldRefuseBeforeTheBodyHasCome() {
    try (RawHttp connection = RawHttp.open(connmix.api())) {
      Answer answer =
          connection
              .write(connection.request("POST", "/v1/mesh/publish", "Content-Length: 500000"))
              .read();
      assertThat(answer.status()).isEqualTo(401);
    }
  }
}
