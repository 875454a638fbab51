// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.lua.RedisReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds of commands, with a Redis that answers when the test says so. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class RedisLinkTest {
  private static final int WAITING_MAX = 256;

  private final Metrics metrics = new Metrics();
  private ServerSocket listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  private RedisLink link(long timeoutMillis) {
    RedisServer server =
        new RedisServer(
            "default",
            "127.0.0.1",
            listener.getLocalPort(),
            Optional.empty(),
            Optional.empty(),
            0,
            1,
            60_000,
            timeoutMillis);
    return new RedisLink(server, new ScriptCalls(metrics, "redis"));
  }

  private static CompletableFuture<RedisReply> send(RedisLink link, String... command) {
    List<byte[]> parts = new ArrayList<>();
    for (String each : command) {
      parts.add(each.getBytes(US_ASCII));
    }
    CompletionStage<RedisReply> sent = link.send(parts);
    return sent.toCompletableFuture();
  }

  private long count(String outcome) {
    return metrics
        .counter("dragoman_connmix_script_calls_total", "", "to", "redis", "outcome", outcome)
        .value();
  }

  @Test
  void shouldRefuseCommandsWhenTooManyAreUnderWay() {
    try (RedisLink link = link(60_000)) {
      for (int i = 0; i < 1 + WAITING_MAX; i++) {
        assertThat(send(link, "PING")).isNotDone();
      }
      assertThatThrownBy(() -> send(link, "PING").join())
          .hasMessageContaining("too many commands are under way");
      assertThat(count("refused")).isEqualTo(1);
    }
  }

  @Test
  void shouldNotSendWhatWasGivenUp() throws Exception {
    try (RedisLink link = link(1_000)) {
      CompletableFuture<RedisReply> first = send(link, "BLPOP", "a", "0");
      try (Socket busy = listener.accept()) {
        CompletableFuture<RedisReply> second = send(link, "INCR", "n");
        // An answer without end keeps the only connection until the second command is given up.
        busy.getOutputStream().write(':');
        while (!hasEnded(second)) {
          busy.getOutputStream().write('0');
        }
        assertThatThrownBy(second::join).hasMessageContaining("the command took too long");
        assertThatThrownBy(first::join).hasMessageContaining("the command took too long");
      }
      assertThat(count("failed")).isEqualTo(2);
      CompletableFuture<RedisReply> third = send(link, "GET", "n");
      try (Socket socket = listener.accept()) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        assertThat(List.of(in.readLine(), in.readLine(), in.readLine()))
            .containsExactly("*2", "$3", "GET");
        socket.getOutputStream().write(":9\r\n".getBytes(US_ASCII));
        assertThat(third.join()).isEqualTo(new RedisReply.Whole(9));
      }
      assertThat(count("answered")).isEqualTo(1);
    }
  }

  private static boolean hasEnded(CompletableFuture<?> future) throws InterruptedException {
    try {
      future.get(20, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    }
  }

  @Test
  void shouldRefuseWhatBelongsToOneConnection() {
    try (RedisLink link = link(1_000)) {
      for (String each : List.of("select", "MULTI", "Subscribe", "CLIENT")) {
        assertThatThrownBy(() -> send(link, each, "1").join())
            .hasMessageContaining("is for one connection, and scripts share theirs");
      }
    }
  }

  @Test
  void shouldRefuseAnAnswerThatIsTooLarge() throws Exception {
    try (RedisLink link = link(20_000)) {
      CompletableFuture<RedisReply> answer = send(link, "GET", "n");
      try (Socket socket = listener.accept()) {
        int size = 5 << 20;
        socket.getOutputStream().write(("$" + size + "\r\n").getBytes(US_ASCII));
        socket.getOutputStream().write(new byte[size]);
        socket.getOutputStream().write("\r\n".getBytes(US_ASCII));
        assertThatThrownBy(answer::join).hasMessageContaining("the answer is too large");
      }
    }
  }
}
