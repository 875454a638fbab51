// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.server.Dragoman;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line against a broker that requires tokens. */
final class TokenTest {
  private static final String SECRET = "a secret that nobody will guess!";

  private static Dragoman broker;

  @BeforeAll
  static void start() {
    broker =
        Dragoman.inTemporaryDirectory()
            .set("auth.enabled", "true")
            .set("auth.jwt.secret", SECRET)
            .start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static String token() {
    try {
      String content = part("{\"alg\":\"HS256\"}") + "." + part("{\"sub\":\"cli\"}");
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] signature = mac.doFinal(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String part(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldBeToldThatATokenIsMissing(String transport) {
    Cli cli = Cli.of(broker, transport);

    for (Outcome each :
        Stream.of(
                cli.run("ping"),
                cli.run("queues", "send", "q", "x"),
                cli.run("events", "receive", "e", "--count", "1"),
                cli.run("queues", "list"))
            .toList()) {
      assertThat(each.exitCode()).isEqualTo(1);
      assertThat(each.err()).contains("no token was sent").doesNotContain("Exception", "\tat ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldSendTheTokenWithEverything(String transport) {
    Cli cli = Cli.of(broker, transport).with("DRAGOMAN_TOKEN", token());
    String queue = "queue-" + transport;
    String channel = "events-" + transport;

    cli.ok("ping");
    cli.ok("queues", "send", queue, "hello");
    assertThat(cli.ok("queues", "receive", queue)).contains("hello");
    assertThat(cli.ok("queues", "list")).contains(queue);
    Cli.Running subscriber = cli.start("events", "receive", channel, "--count", "1");
    subscriber.awaitNote(channel);
    cli.ok("events", "send", channel, "news");
    assertThat(subscriber.outcome().out()).contains("news");
    cli.ok("queues", "send", queue, "streamed");
    assertThat(cli.ok("queues", "stream", queue)).contains("streamed");
  }

  @Test
  void shouldTakeTheTokenFromAContextOrTheCommandLine() {
    Cli cli = Cli.of(broker, "grpc");
    String[] server = {
      "--server", "localhost:" + broker.port("kubemq-grpc"), "--http", "" + broker.port("http")
    };
    cli.ok(
        "context", "add", "safe", server[0], server[1], server[2], server[3], "--token", token());

    cli.ok("ping", "--context", "safe");
    cli.ok("ping", "--token", token());
    assertThat(cli.run("ping").exitCode()).isEqualTo(1);
    assertThat(cli.ok("context", "list", "--output", "json")).doesNotContain(token());
  }
}
