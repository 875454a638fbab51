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
import java.net.SocketException;
import java.util.AbstractList;
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
    return link(timeoutMillis, 1, Optional.empty());
  }

  private RedisLink link(long timeoutMillis, int poolSize, Optional<String> password) {
    RedisServer server =
        new RedisServer(
            "default",
            "127.0.0.1",
            listener.getLocalPort(),
            Optional.empty(),
            password,
            0,
            poolSize,
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

  /** What comes next, but for the questions whether the connection still is one. */
  private static List<String> command(Socket socket) throws IOException {
    List<String> parts = new ArrayList<>();
    int count = Integer.parseInt(line(socket).substring(1));
    for (int i = 0; i < count; i++) {
      int size = Integer.parseInt(line(socket).substring(1));
      parts.add(new String(socket.getInputStream().readNBytes(size), US_ASCII));
      line(socket);
    }
    if (!parts.equals(List.of("PING"))) {
      return parts;
    }
    answer(socket, "+PONG\r\n");
    return command(socket);
  }

  private Socket accept() throws IOException {
    Socket socket = listener.accept();
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = socket.getInputStream().read(); c != '\n'; c = socket.getInputStream().read()) {
      assertThat(c).as("a byte of a line").isNotNegative();
      line.append((char) c);
    }
    return line.toString().trim();
  }

  private static void answer(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  @Test
  void shouldNotSendWhatWasGivenUpWhileItsConnectionWasMade() throws Exception {
    try (RedisLink link = link(1_000, 1, Optional.of("plugh"))) {
      CompletableFuture<RedisReply> first = send(link, "INCR", "n");
      try (Socket socket = accept()) {
        assertThat(command(socket)).containsExactly("AUTH", "plugh");
        answer(socket, "+O");
        while (!hasEnded(first)) {
          answer(socket, "K");
        }
        assertThatThrownBy(first::join).hasMessageContaining("the command took too long");
        CompletableFuture<RedisReply> second = send(link, "GET", "n");
        answer(socket, "\r\n");
        assertThat(command(socket)).containsExactly("GET", "n");
        answer(socket, ":9\r\n");
        assertThat(second.join()).isEqualTo(new RedisReply.Whole(9));
      }
    }
  }

  @Test
  void shouldKeepOtherConnectionsWhenACommandTakesTooLong() throws Exception {
    try (RedisLink link = link(2_000, 2, Optional.empty())) {
      CompletableFuture<RedisReply> slow = send(link, "BLPOP", "a", "0");
      try (Socket busy = accept()) {
        assertThat(command(busy)).contains("BLPOP");
        CompletableFuture<RedisReply> quick = send(link, "GET", "n");
        try (Socket idle = accept()) {
          assertThat(command(idle)).containsExactly("GET", "n");
          answer(idle, ":1\r\n");
          assertThat(quick.join()).isEqualTo(new RedisReply.Whole(1));

          // The library ends connections with a reset.
          assertThatThrownBy(() -> busy.getInputStream().read())
              .isInstanceOf(SocketException.class);
          assertThatThrownBy(slow::join).hasMessageContaining("the command took too long");
          // The pool makes another one in its place; both are needed now.
          CompletableFuture<RedisReply> third = send(link, "GET", "m");
          CompletableFuture<RedisReply> fourth = send(link, "GET", "m");
          try (Socket another = accept()) {
            for (Socket each : List.of(another, idle)) {
              assertThat(command(each)).containsExactly("GET", "m");
              answer(each, ":2\r\n");
            }
            assertThat(third.join()).isEqualTo(new RedisReply.Whole(2));
            assertThat(fourth.join()).isEqualTo(new RedisReply.Whole(2));
          }
        }
      }
    }
  }

  /** A command that cannot be sent, for a reason that nobody thought of. */
  private static final class Faulty extends AbstractList<byte[]> {
    @Override
    public byte[] get(int index) {
      if (index == 0) {
        return "GET".getBytes(US_ASCII);
      }
      throw new LinkageError("(on purpose), with plugh");
    }

    @Override
    public int size() {
      return 2;
    }
  }

  @Test
  void shouldAnswerWhateverFails() throws Exception {
    try (RedisLink link = link(20_000)) {
      CompletionStage<RedisReply> answer = link.send(new Faulty());
      assertThatThrownBy(() -> answer.toCompletableFuture().get(10, TimeUnit.SECONDS))
          .hasMessageContaining("the command failed, and the log says why");
      assertThat(count("failed")).isEqualTo(1);
    }
  }

  @Test
  void shouldRefuseAnAnswerOfTooManyValues() throws Exception {
    try (RedisLink link = link(20_000)) {
      int most = 16_383; // and the list itself
      CompletableFuture<RedisReply> some = send(link, "LRANGE", "l", "0", "-1");
      try (Socket socket = accept()) {
        assertThat(command(socket)).contains("LRANGE");
        answer(socket, "*" + most + "\r\n" + "$-1\r\n".repeat(most));
        assertThat(((RedisReply.Several) some.join()).values()).hasSize(most);
        CompletableFuture<RedisReply> oneMore = send(link, "LRANGE", "l", "0", "-1");
        assertThat(command(socket)).contains("LRANGE");
        answer(socket, "*" + (most + 1) + "\r\n" + "$-1\r\n".repeat(most + 1));
        assertThatThrownBy(oneMore::join).hasMessageContaining("the answer is too large");
      }
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
      for (String each : List.of("select", "MULTI", "Subscribe", "CLIENT", "replconf")) {
        assertThatThrownBy(() -> send(link, each, "1").join())
            .hasMessageContaining("is for one connection, and scripts share theirs");
      }
      assertThatThrownBy(() -> send(link, "script", "Debug", "YES").join())
          .hasMessageContaining("SCRIPT DEBUG is for one connection");
      assertThat(send(link, "SCRIPT", "LOAD", "return 1")).isNotDone();
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
