// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server under test in a process of its own, on loopback, and what it has cost so far. */
public final class ServerProcess implements AutoCloseable {

  private static final Duration START_MAX = Duration.ofMinutes(2);
  private static final long STOP_SECONDS_MAX = 30;
  private static final long READY_POLL_MILLIS = 2;
  private static final String PORT = "\"%s\"\\s*:\\s*\\{[^}]*\"port\"\\s*:\\s*(\\d+)";

  /** Kernel ticks per second in /proc; fixed on Linux for programs. */
  private static final double TICKS = 100;

  /** Fields of /proc/PID/stat after the name of the program. */
  private static final int USER_TICKS = 11;

  private static final int SYSTEM_TICKS = 12;

  private final String name;
  private final Process process;
  private final int port;

  /** Of a broker, as its data directory tells; empty of a floor. */
  private final String listeners;

  private final long readyNanos;

  private ServerProcess(String name, Process process, int port, String listeners, long readyNanos) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.listeners = listeners;
    this.readyNanos = readyNanos;
  }

  /** Starts a floor with the flags that the broker has; it ends with this process. */
  public static ServerProcess floor(String name, Class<?> main, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseG1GC",
            "-Dio.netty.leakDetection.level=disabled",
            "-cp",
            System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(args));
    long began = System.nanoTime();
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (line == null || !line.startsWith("port ")) {
        process.destroyForcibly();
        throw new IllegalStateException(name + " did not start: " + line);
      }
      int port = Integer.parseInt(line.substring("port ".length()));
      return new ServerProcess(name, process, port, "", System.nanoTime() - began);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts the broker as its users do, and returns when it is ready.
   *
   * @param root of the checkout or distribution
   * @param settings each as key=value
   */
  public static ServerProcess broker(Path root, Path data, String... settings) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(root.resolve("bin/dragoman").toString(), "server", "--data", data.toString()));
    for (String key :
        List.of(
            "http.port",
            "kubemq.rest.port",
            "kubemq.grpc.port",
            "connmix.api.port",
            "connmix.center.port",
            "connmix.client.port")) {
      command.addAll(List.of("--set", key + "=0"));
    }
    for (String each : settings) {
      command.addAll(List.of("--set", each));
    }
    Path listeners = data.resolve("listeners.json");
    try {
      Files.deleteIfExists(listeners);
      Files.createDirectories(data);
      long began = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(data.resolveSibling(data.getFileName() + ".log").toFile())
              .redirectErrorStream(true)
              .start();
      while (!Files.exists(listeners)) {
        if (!process.isAlive() || System.nanoTime() - began > START_MAX.toNanos()) {
          process.destroyForcibly();
          throw new IllegalStateException("the broker did not start: see " + data + ".log");
        }
        Thread.sleep(READY_POLL_MILLIS);
      }
      // The file is there when all listeners are open, so they can be asked at once.
      String text = Files.readString(listeners);
      while (!text.strip().endsWith("}")) {
        text = Files.readString(listeners);
      }
      int port = port("kubemq-rest", text);
      ask(URI.create("http://127.0.0.1:" + port + "/ping"));
      return new ServerProcess("dragoman", process, port, text, System.nanoTime() - began);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static int port(String listener, String listeners) {
    Matcher port = Pattern.compile(PORT.formatted(listener)).matcher(listeners);
    if (!port.find()) {
      throw new IllegalStateException("no port of " + listener + " in " + listeners);
    }
    return Integer.parseInt(port.group(1));
  }

  public String name() {
    return name;
  }

  /** From the start of the process until it answered, in nanoseconds. */
  public long readyNanos() {
    return readyNanos;
  }

  public int port() {
    return port;
  }

  /** The port of a broker's listener; a floor has only one, for whatever it is asked for. */
  public int port(String listener) {
    return listeners.isEmpty() ? port : port(listener, listeners);
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** User and system time of the process so far, in seconds. */
  public double cpuSeconds() {
    return cpuSeconds(proc().resolve("stat"));
  }

  /** What its just-in-time compilers have taken of {@link #cpuSeconds}, those of them that live. */
  public double compilerCpuSeconds() {
    try (Stream<Path> threads = Files.list(proc().resolve("task"))) {
      return threads.filter(ServerProcess::isCompiler).mapToDouble(this::threadCpuSeconds).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " is gone", e);
    }
  }

  private Path proc() {
    return Path.of("/proc/" + process.pid());
  }

  private static boolean isCompiler(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).contains(" CompilerThre");
    } catch (IOException e) {
      // A thread that has ended meanwhile.
      return false;
    }
  }

  private double threadCpuSeconds(Path thread) {
    try {
      return cpuSeconds(thread.resolve("stat"));
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  private double cpuSeconds(Path statFile) {
    try {
      String stat = Files.readString(statFile);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) / TICKS;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " is gone", e);
    }
  }

  /**
   * The sum of the broker's counters of this name that have all these labels.
   *
   * @param labels each as in the text format: {@code kind="queue"}
   */
  public long counted(String name, String... labels) {
    String text = ask(URI.create("http://127.0.0.1:" + port("http") + "/metrics"));
    double sum = 0;
    for (String line : text.split("\n")) {
      boolean named = line.startsWith(name + "{") || line.startsWith(name + " ");
      if (named && Arrays.stream(labels).allMatch(line::contains)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ')));
      }
    }
    return (long) sum;
  }

  public String post(String path, String json) {
    return ask(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private static String ask(URI uri) {
    return ask(HttpRequest.newBuilder(uri).build());
  }

  private static String ask(HttpRequest request) {
    try {
      return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Asks it to end, and waits. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
