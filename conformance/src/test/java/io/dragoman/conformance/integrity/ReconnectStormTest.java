// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Thousands of subscribers that lose their connections at once and come back at once, to a broker
 * that was killed, or to one that goes on: each gets what it has missed and then what is new, and
 * the broker stays ready.
 *
 * <p>Two thousand, and ten thousand with {@code -Ddragoman.full=true}. The broker and its clients
 * are two processes with as many sockets each; where a process may have fewer, there are fewer
 * subscribers, and the test says so.
 */
@Isolated("loads the whole machine")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ReconnectStormTest {

  private static final int CLIENTS = Boolean.getBoolean("dragoman.full") ? 10_000 : 2_000;

  /** Files that a broker, and a test, need besides. */
  private static final int OTHER_FILES = 1500;

  private static final int TOPICS = 100;

  /** Messages of each topic in each phase: before, missed, and while they come back. */
  private static final int MESSAGES = 5;

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PROBE_NANOS = 50_000_000;

  /** Twice its heap. */
  private static final long RESIDENT_BYTES_MAX = 1 << 30;

  @RegisterExtension final Brokers brokers = new Brokers();

  private final List<String> topics =
      IntStream.range(0, TOPICS).mapToObj(i -> Names.unique("storm") + "/" + i).toList();
  private final List<String> unready = new ArrayList<>();
  private final AtomicInteger probes = new AtomicInteger();
  private int published;

  @Test
  void shouldServeThoseWhoAllComeBackAtOnce() throws Exception {
    int count = clients();
    BrokerProcess broker = brokers.start();
    try (Returners clients = new Returners(count, topics)) {
      // given subscribers who have had something
      clients.connect(broker.http());
      clients.await(0, deadline());
      publish(broker);
      clients.await(published, deadline());
      assertThat(clients.complaints()).isEmpty();

      // when they all come back to a broker that was killed, and more is published meanwhile
      String port = "http.port=" + broker.http().getPort();
      broker.kill();
      broker = brokers.start(port);
      clients.drop();
      comeBack(clients, broker, count);

      // and once more, to a broker that goes on
      clients.drop();
      comeBack(clients, broker, count);
      assertThat(peakResidentBytes(broker)).as("resident").isLessThan(RESIDENT_BYTES_MAX);
    }
    brokers.assertNoComplaints();
  }

  private void comeBack(Returners clients, BrokerProcess broker, int count) throws Exception {
    publish(broker);
    long began = System.nanoTime();
    Thread probing = new Thread(() -> probe(broker), "probe");
    probing.start();
    int all = published + MESSAGES;
    clients.connect(broker.http());
    FutureTask<Void> publishing = new FutureTask<>(() -> publish(broker), null);
    new Thread(publishing, "publisher").start();
    clients.await(all, deadline());
    probing.interrupt();
    probing.join();
    say(
        "%,d subscribers are back after %d ms; %d MiB resident at most",
        count, (System.nanoTime() - began) / 1_000_000, peakResidentBytes(broker) >> 20);

    // then nothing is missing and nothing came twice, and the broker was ready all the time
    assertThat(clients.complaints()).isEmpty();
    publishing.get();
    assertThat(probes.get()).as("readiness was asked for").isPositive();
    assertThat(unready).isEmpty();
  }

  private static long deadline() {
    return System.nanoTime() + PATIENCE.toNanos();
  }

  /** Publishes the next messages of each topic, and waits until all are acknowledged. */
  private void publish(BrokerProcess broker) {
    try (RawWebSocket socket = RawWebSocket.connect(broker.http(), "/")) {
      for (int i = 0; i < MESSAGES; i++) {
        for (String topic : topics) {
          socket.sendText(
              "{\"id\":%d,\"jsonrpc\":\"2.0\",\"method\":\"publish\",\"params\":{\"topic\":\"%s\",\"message\":\"%d\"}}"
                  .formatted(published, topic, published));
        }
        for (int answers = 0; answers < TOPICS; answers++) {
          String answer = socket.readText();
          assertThat(Json.parse(answer).at("/result/status").asText()).as(answer).isEqualTo("ok");
        }
        published++;
      }
    }
  }

  /** Asks whether the broker is ready, each time over a new connection, until interrupted. */
  private void probe(BrokerProcess broker) {
    while (!Thread.currentThread().isInterrupted()) {
      try (RawHttp http = RawHttp.open(broker.http())) {
        Answer answer = http.write(http.request("GET", "/readyz")).read();
        probes.incrementAndGet();
        if (answer.status() != 200) {
          unready.add(answer.text());
        }
      } catch (RuntimeException | AssertionError e) {
        unready.add(e.toString());
      }
      LockSupport.parkNanos(PROBE_NANOS);
    }
  }

  /** As many subscribers as the files allow that one process may open. */
  private static int clients() throws IOException {
    String limits = Files.readString(Path.of("/proc/self/limits"));
    String[] files =
        limits
            .lines()
            .filter(line -> line.startsWith("Max open files"))
            .findFirst()
            .orElseThrow()
            .split("\\s+");
    // "Max open files  1024  20000  files": the JVM takes all that it may have.
    String most = files[4];
    int allowed =
        most.equals("unlimited")
            ? CLIENTS
            : (int) Math.min(CLIENTS, Long.parseLong(most) - OTHER_FILES);
    if (allowed < CLIENTS) {
      say("%,d subscribers only: a process may open %s files", allowed, most);
    }
    return allowed;
  }

  private static long peakResidentBytes(BrokerProcess broker) throws IOException {
    String status = Files.readString(Path.of("/proc", Long.toString(broker.pid()), "status"));
    return status
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
