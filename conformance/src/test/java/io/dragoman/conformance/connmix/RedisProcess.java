// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real Redis of a test's own, as a child process on a free port. It keeps nothing: what was in it
 * is gone when it stops.
 */
final class RedisProcess implements AutoCloseable {
  private static final String PROGRAM = "redis-server";

  /**
   * The same program in a package that starts no service; what it is called decides what it does.
   */
  private static final String SAME_PROGRAM = "redis-check-rdb";

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Path directory;
  private final List<String> options;
  private final int port;
  private Process process;

  private RedisProcess(Path directory, int port, List<String> options) {
    this.directory = directory;
    this.port = port;
    this.options = options;
  }

  /**
   * @param directory where it runs
   * @param options of its command line
   */
  static RedisProcess start(Path directory, String... options) {
    RedisProcess redis = new RedisProcess(directory, freePort(), List.of(options));
    redis.start();
    return redis;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it, again where it was stopped. */
  void start() {
    List<String> command =
        new ArrayList<>(
            List.of(program().toString(), "--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(options);
    try {
      process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("redis-" + port + ".log").toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          "this test needs " + PROGRAM + ", which cannot be run here: install redis-tools", e);
    }
    Awaitility.await().atMost(DEADLINE).until(this::takesConnections);
  }

  private Path program() {
    Optional<Path> server = onPath(PROGRAM);
    if (server.isPresent()) {
      return server.get();
    }
    Path link = directory.resolve(PROGRAM);
    Optional<Path> same = onPath(SAME_PROGRAM);
    if (same.isPresent() && Files.notExists(link)) {
      try {
        Files.createSymbolicLink(link, same.get());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return link;
  }

  private static Optional<Path> onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .map(each -> Path.of(each, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private boolean takesConnections() {
    if (!process.isAlive()) {
      throw new AssertionError(PROGRAM + " ended with " + process.exitValue());
    }
    try (RedisClient client = client()) {
      return !client.send("PING").isEmpty();
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  /** A connection to it. */
  RedisClient client() {
    return new RedisClient(port);
  }

  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
