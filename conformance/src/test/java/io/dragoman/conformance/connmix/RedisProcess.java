// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real Redis of a test's own, as a child process on a free port. It keeps nothing: what was in it
 * is gone when it stops.
 */
final class RedisProcess implements AutoCloseable {
  private static final String PROGRAM = "redis-server";
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
        new ArrayList<>(List.of(PROGRAM, "--port", Integer.toString(port), "--bind", "127.0.0.1"));
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
          "this test needs " + PROGRAM + ", which cannot be run here: install redis-server", e);
    }
    Awaitility.await().atMost(DEADLINE).until(this::takesConnections);
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
