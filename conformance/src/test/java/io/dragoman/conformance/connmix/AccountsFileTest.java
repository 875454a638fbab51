// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.core.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Accounts in a file of their own, which is read again (spec: connmix §2.8, §6). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class AccountsFileTest {
  private static final int POLICY_VIOLATION = 1008;
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String ANN = "- {username: ann, password: a1}\n";
  private static final String BOB = "- {username: bob, password: b1, roles: [read, write]}\n";

  @TempDir Path directory;
  private Path file;
  private Connmix connmix;

  @BeforeEach
  void start() throws IOException {
    file = Files.writeString(directory.resolve("users.yaml"), ANN + BOB);
    connmix =
        Connmix.start(
            Map.of("connmix.access.file", file.toString(), "connmix.access.reload", "20ms"));
  }

  @AfterEach
  void stop() {
    connmix.close();
  }

  /** In one step, as whoever edits it should. */
  private void write(String accounts) throws IOException {
    Path next = Files.writeString(directory.resolve("next.yaml"), accounts);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String header(String credentials) {
    return "Authorization: Basic " + Json.base64(credentials);
  }

  private Backend as(String credentials) {
    return connmix.backend(Connmix.SOCKET, header(credentials));
  }

  private int status(String... credentials) {
    return credentials.length == 0
        ? connmix.get(connmix.center(), "/v1/nodes").status()
        : connmix
            .get(
                connmix.center(),
                "/v1/nodes",
                "Authorization",
                "Basic " + Json.base64(credentials[0]))
            .status();
  }

  private void awaitStatus(int status, String... credentials) {
    await().atMost(DEADLINE).until(() -> status(credentials) == status);
  }

  private double failures() {
    return connmix.broker().core().metrics().families().stream()
        .filter(each -> each.name().equals("dragoman_connmix_accounts_reload_failed_total"))
        .flatMap(each -> each.instruments().values().stream())
        .mapToDouble(each -> ((Metrics.Counter) each).value())
        .sum();
  }

  @Test
  void shouldFollowTheFile() throws Exception {
    try (Backend ann = as("ann:a1");
        Backend bob = as("bob:b1")) {
      assertThat(status("carl:c1")).isEqualTo(401);
      assertThat(status()).isEqualTo(401);

      write("- {username: carl, password: c1}\n" + BOB);

      awaitStatus(200, "carl:c1");
      assertThat(status("ann:a1")).isEqualTo(401);
      assertThat(RawWebSocket.refused(connmix.api(), Connmix.SOCKET, header("ann:a1")).status())
          .isEqualTo(401);
      // Whose account is gone is gone, and nobody else is.
      assertThat(ann.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
      bob.pop("t");
      try (Backend carl = as("carl:c1")) {
        carl.pop("u");
      }
    }
  }

  @Test
  void shouldCloseWhoseAccountIsNotAsItWas() throws Exception {
    try (Backend ann = as("ann:a1");
        Backend bob = as("bob:b1")) {
      ann.pop("kept");

      write("- {username: ann, password: a2}\n- {username: bob, password: b1, roles: read}\n");

      assertThat(ann.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
      assertThat(bob.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
    }
    assertThat(status("ann:a1")).isEqualTo(401);
    try (Backend ann = as("ann:a2");
        Backend bob = as("bob:b1")) {
      bob.refused(102, "queue.pop", "{\"t\":[\"kept\"]}");
      // Nothing holds what the one before had asked for.
      ann.pop("kept");
      connmix.enqueue("kept", "1", "x");
      assertThat(ann.data(1)).containsExactly("x");
    }
  }

  @Test
  void shouldFollowAccountsOfAddressesToo() throws Exception {
    write("- {host: 127.0.0.1, roles: read}\n- {host: '*', roles: write}\n");
    awaitStatus(200);
    try (Backend backend = connmix.backend()) {
      backend.pop("t");
      write("- {host: 127.0.0.1, roles: read}\n");
      // What it could do came from both.
      assertThat(backend.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
    }
    try (Backend backend = connmix.backend()) {
      backend.refused(102, "queue.pop", "{\"t\":[\"t\"]}");
    }
  }

  @Test
  void shouldLetNobodyInWhenTheListIsEmpty() throws Exception {
    try (Backend ann = as("ann:a1")) {
      write("[]");
      assertThat(ann.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
    }
    assertThat(status()).isEqualTo(401);
    assertThat(status("ann:a1")).isEqualTo(401);
    assertThat(connmix.post("/v1/mesh/publish", "{\"c\":\"a\",\"d\":\"x\"}").status())
        .isEqualTo(401);
  }

  /** A file that is being written, is gone, or has a fault, is none to lock everybody out by. */
  @Test
  void shouldKeepTheAccountsWhenTheFileIsBad() throws Exception {
    try (Backend ann = as("ann:a1")) {
      for (String bad :
          new String[] {"", "- {username: ann, pass", "- {username: ann}", "users: []", "x"}) {
        double before = failures();
        write(bad);
        await().atMost(DEADLINE).until(() -> failures() >= before + 2);
        assertThat(status("ann:a1")).as(bad).isEqualTo(200);
      }
      double before = failures();
      Files.delete(file);
      await().atMost(DEADLINE).until(() -> failures() > before + 1);
      assertThat(status("ann:a1")).isEqualTo(200);
      ann.pop("t");

      write(BOB);

      assertThat(ann.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
    }
  }

  @Test
  void shouldNotStartWithoutTheFile() throws Exception {
    String missing = directory.resolve("missing.yaml").toString();
    assertThatThrownBy(() -> Connmix.start(Map.of("connmix.access.file", missing)).close())
        .hasMessageContaining("connmix.access.file: there is no file");
    String bad = Files.writeString(directory.resolve("bad.yaml"), "- {username: ann}").toString();
    assertThatThrownBy(() -> Connmix.start(Map.of("connmix.access.file", bad)).close())
        .hasMessageContaining("bad.yaml:1: an account without a password needs a host");
  }
}
