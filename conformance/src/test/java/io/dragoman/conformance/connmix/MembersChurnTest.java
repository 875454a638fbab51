// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.RawWebSocket.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a publish counts while connections open, become members, leave and close (ruling 16): the
 * frames that members' sockets have taken, neither more nor fewer.
 */
@ConnmixSuite(
    settings =
        "connmix.clients=[{sendQueue: 20000, verbs: {"
            + "join: {does: subscribe, allow: [churn]},"
            + " leave: {does: unsubscribe, allow: [churn]}}}]")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MembersChurnTest {
  private static final int PUBLISHES = 10_000;
  private static final int UNDER_WAY = 64;
  private static final int STAYING = 20;
  private static final int PASSING = 1_000;
  private static final int PASSING_AT_ONCE = 20;
  private static final String DONE = "{\"result\":true}";

  /** Round trips for which a connection that passes stays. */
  private static final int ROUND_TRIPS = 3;

  private final Connmix connmix;
  private final AtomicIntegerArray received = new AtomicIntegerArray(PUBLISHES);

  /** Publishes go on as connections pass, so that there are such all the time. */
  private final Semaphore pace = new Semaphore(10 * UNDER_WAY);

  MembersChurnTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldCountExactlyWhatMembersGet() throws Exception {
    // given
    ExecutorService threads = Executors.newFixedThreadPool(STAYING + PASSING_AT_ONCE);
    try {
      List<Future<List<Integer>>> staying = new ArrayList<>();
      CountDownLatch there = new CountDownLatch(STAYING);
      for (int i = 0; i < STAYING; i++) {
        staying.add(threads.submit(() -> stay(there)));
      }
      there.await();

      // when
      List<Future<?>> passing = new ArrayList<>();
      for (int i = 0; i < PASSING; i++) {
        boolean leaves = i % 2 == 0;
        passing.add(threads.submit(() -> pass(leaves)));
      }
      int[] counted = publish();
      for (Future<?> each : passing) {
        each.get();
      }

      // then
      List<Integer> all = IntStream.range(0, PUBLISHES).boxed().toList();
      for (Future<List<Integer>> each : staying) {
        assertThat(each.get()).isEqualTo(all);
      }
      assertThat(IntStream.range(0, PUBLISHES).map(received::get).toArray()).isEqualTo(counted);
      assertThat(IntStream.of(counted).filter(count -> count > STAYING).count())
          .isGreaterThan(PUBLISHES / 2);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Gives what was counted for each. */
  private int[] publish() throws InterruptedException {
    int[] counted = new int[PUBLISHES];
    try (Backend backend = connmix.backend()) {
      int sent = 0;
      for (int done = 0; done < PUBLISHES; done++) {
        for (; sent < Math.min(PUBLISHES, done + UNDER_WAY); sent++) {
          assertThat(pace.tryAcquire(1, TimeUnit.MINUTES)).as("connections pass").isTrue();
          backend.send(
              "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"churn\",\"d\":\"%1$d\"},\"i\":%1$d}"
                  .formatted(sent));
        }
        JsonNode answer = Json.parse(backend.answer());
        assertThat(answer.get("E").isNull()).as("%s", answer).isTrue();
        counted[answer.get("i").intValue()] = answer.at("/r/s").intValue();
      }
    }
    return counted;
  }

  private List<Integer> stay(CountDownLatch there) {
    List<Integer> heard = new ArrayList<>();
    try (RawWebSocket socket = connmix.chat().socket()) {
      join(socket);
      there.countDown();
      while (heard.size() < PUBLISHES) {
        heard.add(take(socket.readText()));
      }
    }
    return heard;
  }

  private void pass(boolean leaves) {
    try (RawWebSocket socket = connmix.chat().socket()) {
      join(socket);
      for (int i = 0; i < ROUND_TRIPS; i++) {
        socket.sendText("ping");
        takeUntil(socket, "pong");
      }
      if (leaves) {
        socket.sendText("{\"op\":\"leave\",\"channel\":\"churn\"}");
        takeUntil(socket, DONE);
      }
      socket.sendClose(1000);
      for (Frame frame = socket.readFrame();
          frame.opcode() != RawWebSocket.CLOSE;
          frame = socket.readFrame()) {
        take(frame.text());
      }
    } finally {
      pace.release(PUBLISHES / PASSING);
    }
  }

  private void join(RawWebSocket socket) {
    socket.sendText("{\"op\":\"join\",\"channel\":\"churn\"}");
    takeUntil(socket, DONE);
  }

  private void takeUntil(RawWebSocket socket, String answer) {
    for (String text = socket.readText(); !text.equals(answer); text = socket.readText()) {
      take(text);
    }
  }

  private int take(String text) {
    int number = Integer.parseInt(text);
    received.incrementAndGet(number);
    return number;
  }
}
