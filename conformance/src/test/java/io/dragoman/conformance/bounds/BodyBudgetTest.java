// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.bounds;

import static io.dragoman.conformance.crash.Brokers.say;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Many large bodies at once take no more memory than {@code limits.bodiesInFlightBytes}, and what
 * is too much is told so.
 */
@Isolated("fills memory")
@Timeout(5 * 60)
class BodyBudgetTest {

  private static final int CLIENTS = 64;
  private static final int BODY_BYTES = 50_000_000;
  private static final long MIB = 1 << 20;
  private static final long BUDGET_BYTES = 256 * MIB;

  /** Buffers for reading, and what is lost between buffers. */
  private static final long OTHER_BYTES_MAX = 128 * MIB;

  private static final long RESIDENT_BYTES_MAX = BUDGET_BYTES + OTHER_BYTES_MAX;
  private static final int LOOKS_MAX = 5;

  private static final String BEFORE = "{\"ClientID\":\"c\",\"Channel\":\"huge\",\"Body\":\"";
  private static final String AFTER = "\"}";
  private static final byte[] PIECE = "QUJD".repeat(1 << 17).getBytes(US_ASCII);

  @RegisterExtension final Brokers brokers = new Brokers();

  @Test
  void shouldHoldNoMoreThanTheBudget() throws Exception {
    // given
    BrokerProcess broker = Production.start(brokers, "durability=async");
    bystand(broker, 100);
    Footprint before = Footprint.afterCollection(broker);

    // when 64 clients send bodies of 50 MB, but for their last bytes
    CountDownLatch sending = new CountDownLatch(CLIENTS);
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      answers.add(threads.submit(() -> post(broker, sending, end)));
    }
    sending.await();

    // then what is held is within the budget, and everybody else is served
    Figures figures = Figures.of(broker);
    double inFlight = figures.value("dragoman_body_bytes_in_flight");
    double network = figures.value("jvm_buffer_pool_used_bytes{pool=\"network\"}");
    long resident = residentAtRest(broker, before);
    bystand(broker, 100);
    end.countDown();
    int taken = 0;
    for (Future<Answer> each : answers) {
      Answer answer = each.get();
      assertThat(answer.status()).as(answer.text()).isIn(200, 503);
      taken += answer.status() == 200 ? 1 : 0;
    }
    threads.shutdown();
    say(
        "%d bodies of 50 MB: %d taken, %.0f MiB held in %.0f MiB of buffers, resident +%d MiB",
        CLIENTS, taken, inFlight / MIB, network / MIB, resident / MIB);
    assertThat(inFlight).isBetween(0.9 * BODY_BYTES, 1.0 * BUDGET_BYTES);
    assertThat(resident).isLessThanOrEqualTo(RESIDENT_BYTES_MAX);
    assertThat(taken).isBetween(1, (int) (BUDGET_BYTES / BODY_BYTES));

    // and nothing is held any more, and all is counted
    await()
        .untilAsserted(
            () -> assertThat(Figures.of(broker).value("dragoman_body_bytes_in_flight")).isZero());
    Figures after = Figures.of(broker);
    assertThat(after.sum("dragoman_body_refused_total", "reason=\"budget\""))
        .isEqualTo(CLIENTS - taken);
    assertThat(after.value("dragoman_queue_messages{channel=\"huge\",state=\"waiting\"}"))
        .isEqualTo(taken);
    bystand(broker, 100);
    brokers.assertNoComplaints();
  }

  /** What is held is held all the time; the JVM takes its time to give back what is not. */
  private static long residentAtRest(BrokerProcess broker, Footprint before) {
    long resident = Long.MAX_VALUE;
    for (int i = 0; i < LOOKS_MAX && resident > RESIDENT_BYTES_MAX; i++) {
      resident = Footprint.afterCollection(broker).minus(before).residentBytes();
    }
    return resident;
  }

  /** Sends a body, and waits before its end until all others are as far or have been refused. */
  private static Answer post(BrokerProcess broker, CountDownLatch sending, CountDownLatch end)
      throws InterruptedException {
    try (RawHttp http = RawHttp.open(broker.rest()).deadline(Duration.ofMinutes(2))) {
      boolean refused = !begin(http);
      sending.countDown();
      if (!refused) {
        end.await();
        http.writeIfTaken(AFTER.getBytes(US_ASCII));
      }
      return http.read();
    }
  }

  /** All but the end; false when the broker took no more of it. */
  private static boolean begin(RawHttp http) {
    int base64Bytes = (BODY_BYTES - BEFORE.length() - AFTER.length()) / 4 * 4;
    int length = BEFORE.length() + base64Bytes + AFTER.length();
    http.write(
        http.head(
                "POST",
                "/queue/send",
                "Content-Type: application/json",
                "Content-Length: " + length)
            + "\r\n"
            + BEFORE);
    for (int left = base64Bytes; left > 0; left -= PIECE.length) {
      byte[] next = left >= PIECE.length ? PIECE : "QUJD".repeat(left / 4).getBytes(US_ASCII);
      if (!http.writeIfTaken(next)) {
        return false;
      }
    }
    return true;
  }

  private static void bystand(BrokerProcess broker, int count) {
    try (Crowd crowd = new Crowd(broker.rest(), 2)) {
      crowd.run(
          count,
          (connection, i) -> {
            Crowd.post(connection, "/queue/send", Messages.send("small", i), "\"SentAt\"", 1);
            Crowd.post(
                connection, "/queue/receive", Messages.receive("small", 1), "\"MessageID\"", 1);
          });
    }
  }
}
