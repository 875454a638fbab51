// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Backends that consume queues (spec: connmix §2.3, rulings 3 and 18). */
@ConnmixSuite
class ConsumptionTest {
  private final Connmix connmix;
  private final String topic = Names.unique("topic");

  ConsumptionTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static String frame(String text) {
    return "{\"frame\":{\"type\":\"text\",\"data\":\"" + text + "\",\"finish\":true}}";
  }

  private String event(String topicName, String clientId, String data) {
    return "{\"e\":\"queue.pop\",\"p\":{\"n\":1,\"c\":\"%s\",\"t\":\"%s\",\"d\":%s},\"id\":null}"
        .formatted(clientId, topicName, data);
  }

  @Test
  void shouldGiveWhatWasThereBeforeAndWhatComes() {
    connmix.enqueue(topic, "7", frame("before"));
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);
      assertThat(backend.event()).isEqualTo(event(topic, "7", frame("before")));

      connmix.enqueue(topic, "8", frame("after"));
      assertThat(backend.event()).isEqualTo(event(topic, "8", frame("after")));
    }
    connmix.awaitQueue(topic, 0, 0);
  }

  @Test
  void shouldGiveMessagesOfServicesAsTextOrObjectOrBase64() {
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);
      connmix.enqueue(topic, "svc", "plain \"text\"");
      connmix.enqueue(topic, "svc", " {\"a\": [1, 2.50]} ");
      connmix.enqueue(topic, "svc", "[1]");
      connmix.enqueue(topic, "svc", "{\"a\":1");
      connmix.enqueue(topic, "svc", "{} {}");
      connmix.enqueue(topic, "svc", "");
      connmix.enqueue(topic, "svc", new byte[] {(byte) 0xff, 0});

      assertThat(backend.event()).isEqualTo(event(topic, "svc", frame("plain \\\"text\\\"")));
      assertThat(backend.event()).isEqualTo(event(topic, "svc", " {\"a\": [1, 2.50]} "));
      assertThat(backend.event()).isEqualTo(event(topic, "svc", frame("[1]")));
      assertThat(backend.event()).isEqualTo(event(topic, "svc", frame("{\\\"a\\\":1")));
      assertThat(backend.event()).isEqualTo(event(topic, "svc", frame("{} {}")));
      assertThat(backend.event()).isEqualTo(event(topic, "svc", frame("")));
      assertThat(backend.event())
          .isEqualTo(
              event(
                  topic,
                  "svc",
                  "{\"frame\":{\"type\":\"binary\",\"data\":\"/wA=\",\"finish\":true}}"));
    }
  }

  /** One name, one queue, whatever the protocol. */
  @Test
  void shouldGiveWhatKubemqClientsSend() {
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);

      Answer sent =
          connmix.exchange(
              connmix.kubemq(),
              "POST",
              "/queue/send",
              Json.object("ClientID", "me", "Channel", topic, "Body", Json.base64("hello"))
                  .toString(),
              "Content-Type",
              "application/json");

      assertThat(sent.status()).isEqualTo(200);
      assertThat(backend.event()).isEqualTo(event(topic, "me", frame("hello")));
    }
  }

  @Test
  void shouldConsumeSeveralTopicsAndNameThem() {
    String other = Names.unique("other");
    try (Backend backend = connmix.backend()) {
      backend.pop(topic, other, topic);
      connmix.enqueue(other, "1", "a");
      assertThat(backend.event()).contains("\"t\":\"" + other + "\"");
      connmix.enqueue(topic, "1", "b");
      assertThat(backend.event()).contains("\"t\":\"" + topic + "\"");
    }
  }

  @Test
  void shouldRefuseATopicThatIsConsumedAlreadyAndAddOthers() {
    String other = Names.unique("other");
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);
      backend.refused(202, "queue.pop", "{\"t\":[\"" + topic + "\"]}");
      backend.refused(202, "queue.pop", "{\"t\":[\"" + other + "\",\"" + topic + "\"]}");
      connmix.enqueue(other, "1", "kept");
      backend.pop(other);
      assertThat(backend.data(1)).containsExactly("kept");
    }
  }

  @Test
  void shouldRefuseMoreTopicsThanOneBackendMayConsume() {
    try (Backend backend = connmix.backend()) {
      String many =
          IntStream.range(0, 101)
              .mapToObj(i -> "\"" + topic + i + "\"")
              .reduce((a, b) -> a + "," + b)
              .orElseThrow();
      backend.refused(201, "queue.pop", "{\"t\":[" + many + "]}");
      // Nothing of it was done.
      backend.refused(203, "queue.unpop", "{}");
    }
  }

  @Test
  void shouldRefuseATopicWhoseNameIsTooLong() {
    try (Backend backend = connmix.backend()) {
      backend.refused(101, "queue.pop", "{\"t\":[\"" + "ż".repeat(129) + "\"]}");
      backend.pop("ż".repeat(128));
    }
  }

  @Test
  void shouldShareATopicAmongBackendsWithoutDuplicates() {
    int count = 1_000;
    try (Backend one = connmix.backend();
        Backend two = connmix.backend()) {
      one.pop(topic);
      two.pop(topic);
      List<String> toOne = new ArrayList<>();
      List<String> toTwo = new ArrayList<>();
      Thread reading = new Thread(() -> readAll(two, toTwo));
      reading.start();
      for (int i = 0; i < count; i++) {
        connmix.enqueue(topic, "1", Integer.toString(i));
      }
      connmix.awaitQueue(topic, 0, 0);
      two.send("ping");
      one.send("ping");
      readAll(one, toOne);
      join(reading);

      Set<String> all = new TreeSet<>(toOne);
      all.addAll(toTwo);
      assertThat(toOne.size() + toTwo.size()).isEqualTo(count);
      assertThat(all).hasSize(count);
      assertThat(toOne).isNotEmpty();
      assertThat(toTwo).isNotEmpty();
    }
  }

  /** Round robin (spec §2.3), when there is one message at a time; of many each takes several. */
  @Test
  void shouldGiveSingleMessagesToBackendsInTurn() throws Exception {
    int count = 30;
    BlockingQueue<Integer> turns = new LinkedBlockingQueue<>();
    try (Backend one = connmix.backend();
        Backend two = connmix.backend();
        Backend three = connmix.backend()) {
      List<Backend> backends = List.of(one, two, three);
      List<Thread> reading = new ArrayList<>();
      for (Backend each : backends) {
        each.pop(topic);
        int number = backends.indexOf(each);
        reading.add(new Thread(() -> countAll(each, number, turns)));
      }
      reading.forEach(Thread::start);
      List<Integer> got = new ArrayList<>();
      // The queue is there with its first message.
      connmix.enqueue(topic, "1", "first");
      assertThat(turns.poll(20, TimeUnit.SECONDS)).isNotNull();
      for (int i = 0; i < count; i++) {
        // One that has only just been served may not be waiting again yet.
        connmix.awaitConsumers(topic, backends.size());
        connmix.enqueue(topic, "1", Integer.toString(i));
        Integer turn = turns.poll(20, TimeUnit.SECONDS);
        assertThat(turn).as("message %d", i).isNotNull();
        got.add(turn);
      }
      backends.forEach(each -> each.send("ping"));
      reading.forEach(ConsumptionTest::join);

      assertThat(got.subList(0, 3)).containsExactlyInAnyOrder(0, 1, 2);
      for (int i = 3; i < count; i++) {
        assertThat(got.get(i)).as("message %d of %s", i, got).isEqualTo(got.get(i - 3));
      }
    }
  }

  private static void countAll(Backend backend, int number, BlockingQueue<Integer> turns) {
    for (String text = backend.next(); !text.equals("pong"); text = backend.next()) {
      turns.add(number);
    }
  }

  private static void readAll(Backend backend, List<String> into) {
    for (String text = backend.next(); !text.equals("pong"); text = backend.next()) {
      into.add(Json.parse(text).at("/p/d/frame/data").textValue());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void shouldKeepTheOrderOfAQueueForOneBackend() {
    int count = 500;
    for (int i = 0; i < count; i++) {
      connmix.enqueue(topic, "1", Integer.toString(i));
    }
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);
      assertThat(backend.data(count))
          .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  void shouldGiveNothingAfterConsumptionHasEnded() {
    try (Backend backend = connmix.backend()) {
      backend.pop(topic);
      connmix.enqueue(topic, "1", "a");
      assertThat(backend.data(1)).containsExactly("a");
      backend.done("queue.unpop", "{}");

      connmix.enqueue(topic, "1", "b");
      assertThat(backend.exchange("ping")).isEqualTo("pong");
      connmix.awaitQueue(topic, 1, 0);

      backend.pop(topic);
      assertThat(backend.data(1)).containsExactly("b");
    }
  }

  @Test
  void shouldLetABackendComeBack() {
    try (Backend first = connmix.backend()) {
      first.pop(topic);
      connmix.enqueue(topic, "1", "a");
      assertThat(first.data(1)).containsExactly("a");
      first.socket().reset();
    }
    try (Backend second = connmix.backend()) {
      second.pop(topic);
      connmix.enqueue(topic, "1", "b");
      assertThat(second.data(1)).containsExactly("b");
    }
    connmix.awaitQueue(topic, 0, 0);
  }

  /** A message is leased until its event has left; what a backend did not take goes to others. */
  @Test
  void shouldKeepWhatABackendDoesNotTake() {
    String large = "x".repeat(200_000);
    int count = 60;
    for (int i = 0; i < count; i++) {
      connmix.enqueue(topic, "1", i + large);
    }
    int taken;
    try (Backend slow = new Backend(RawWebSocket.connectSlow(connmix.api(), Connmix.SOCKET))) {
      slow.pop(topic);
      taken = slow.data(3).size();
      slow.socket().reset();
    }
    try (Backend other = connmix.backend()) {
      other.pop(topic);
      connmix.enqueue(topic, "1", "last");
      List<String> rest = new ArrayList<>();
      String next = other.data(1).get(0);
      while (!next.equals("last")) {
        rest.add(next);
        next = other.data(1).get(0);
      }
      // At most what was in the buffers of both sides is gone, which is less than all.
      assertThat(rest).isNotEmpty().doesNotHaveDuplicates();
      assertThat(rest.get(rest.size() - 1)).isEqualTo((count - 1) + large);
      assertThat(rest.size()).isLessThanOrEqualTo(count - taken);
    }
    connmix.awaitQueue(topic, 0, 0);
  }

  /** What it has handled is not handed to another one, and what it has not had is. */
  @Test
  void shouldNotHandOutAgainWhatABackendThatDiesHasRead() {
    int count = 2_000;
    int read = 500;
    String padding = "x".repeat(8_000);
    connmix.enqueue(topic, "1", IntStream.range(0, count).mapToObj(i -> i + padding).toList());
    try (Backend slow = new Backend(RawWebSocket.connectSlow(connmix.api(), Connmix.SOCKET))) {
      slow.pop(topic);
      assertThat(slow.data(read).get(read - 1)).isEqualTo((read - 1) + padding);
      slow.socket().reset();
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> inFlight(), held -> held == 0);
    connmix.enqueue(topic, "1", "last");
    List<Integer> rest = new ArrayList<>();
    try (Backend other = connmix.backend()) {
      other.pop(topic);
      for (String next = other.data(1).get(0); !next.equals("last"); next = other.data(1).get(0)) {
        rest.add(Integer.valueOf(next.substring(0, next.length() - padding.length())));
      }
    }
    assertThat(rest).isNotEmpty();
    assertThat(rest.get(0)).isGreaterThanOrEqualTo(read);
    assertThat(rest)
        .containsExactlyElementsOf(IntStream.range(rest.get(0), count).boxed().toList());
    connmix.awaitQueue(topic, 0, 0);
  }

  // --- with acknowledgements, which is ours

  private static String handle(String event) {
    JsonNode params = Json.parse(event).get("p");
    assertThat(Json.keys(params)).containsExactly("n", "c", "t", "d", "a");
    return params.get("a").textValue();
  }

  @Test
  void shouldKeepMessagesUntilTheyAreAcknowledged() {
    try (Backend backend = connmix.backend()) {
      backend.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
      connmix.enqueue(topic, "1", "a");
      connmix.enqueue(topic, "1", "b");
      String first = handle(backend.event());
      String second = handle(backend.event());
      connmix.awaitQueue(topic, 0, 2);

      backend.done("queue.ack", "{\"a\":[\"" + first + "\"]}");
      connmix.awaitQueue(topic, 0, 1);
      backend.refused(101, "queue.ack", "{\"a\":[\"" + first + "\"]}");
      backend.refused(101, "queue.ack", "{\"a\":[\"" + second + "\",\"99\"]}");
      connmix.awaitQueue(topic, 0, 1);
      backend.done("queue.ack", "{\"a\":[" + second + "]}");
      connmix.awaitQueue(topic, 0, 0);
    }
  }

  @Test
  void shouldGiveToOthersWhatWasNotAcknowledged() {
    try (Backend first = connmix.backend()) {
      first.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
      connmix.enqueue(topic, "1", "a");
      connmix.enqueue(topic, "1", "b");
      first.done("queue.ack", "{\"a\":[\"" + handle(first.event()) + "\"]}");
      handle(first.event());
      first.socket().reset();
    }
    try (Backend second = connmix.backend()) {
      second.pop(topic);
      assertThat(second.data(1)).containsExactly("b");
      assertThat(second.exchange("ping")).isEqualTo("pong");
    }
    connmix.awaitQueue(topic, 0, 0);
  }

  @Test
  void shouldAcknowledgeAfterConsumptionHasEnded() {
    try (Backend backend = connmix.backend()) {
      backend.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
      connmix.enqueue(topic, "1", "a");
      String handle = handle(backend.event());
      backend.done("queue.unpop", "{}");
      backend.done("queue.ack", "{\"a\":[\"" + handle + "\"]}");
    }
    connmix.awaitQueue(topic, 0, 0);
  }

  /** So many are handed out and no more until some are acknowledged. */
  @Test
  void shouldHandOutNoMoreThanIsAcknowledged() {
    int count = 3_000;
    for (int i = 0; i < count; i++) {
      connmix.enqueue(topic, "1", Integer.toString(i));
    }
    try (Backend backend = connmix.backend()) {
      backend.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
      List<String> handles = new ArrayList<>();
      for (int i = 0; i < 1_024; i++) {
        handles.add(handle(backend.event()));
      }
      long more =
          Awaitility.await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> inFlight(), held -> held >= 1_024 && held < 1_200);
      for (int i = 1_024; i < more; i++) {
        handles.add(handle(backend.event()));
      }
      backend.done("queue.ack", "{\"a\":[" + String.join(",", handles) + "]}");
      handle(backend.event());
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> inFlight(), held -> held == 0);
  }

  /** The bound is for the backend, and not for each topic. */
  @Test
  void shouldHandOutNoMoreOfManyTopicsThanIsAcknowledged() {
    int max = 1_024;
    int each = 150;
    List<String> topics = IntStream.range(0, 20).mapToObj(i -> topic + "-" + i).toList();
    List<String> bodies = IntStream.range(0, each).mapToObj(String::valueOf).toList();
    topics.forEach(name -> connmix.enqueue(name, "1", bodies));
    try (Backend backend = connmix.backend()) {
      backend.done("queue.pop", "{\"t\":[\"" + String.join("\",\"", topics) + "\"],\"ack\":true}");
      int left = topics.size() * each;
      while (left > 0) {
        List<String> handles = new ArrayList<>();
        for (int i = 0; i < Math.min(left, max); i++) {
          handles.add(handle(backend.event()));
        }
        // What was written before the answer has been read with it.
        assertThat(backend.exchange("ping")).isEqualTo("pong");
        while (backend.hasEvents()) {
          handles.add(handle(backend.event()));
        }
        assertThat(handles.size()).isLessThanOrEqualTo(max + topics.size());
        assertThat(topics.stream().mapToLong(this::inFlight).sum())
            .isLessThanOrEqualTo(max + topics.size());
        backend.done("queue.ack", "{\"a\":[" + String.join(",", handles) + "]}");
        left -= handles.size();
      }
    }
    topics.forEach(name -> connmix.awaitQueue(name, 0, 0));
  }

  private long inFlight() {
    return inFlight(topic);
  }

  private long inFlight(String queue) {
    return connmix
        .broker()
        .core()
        .queues()
        .info(queue)
        .toCompletableFuture()
        .join()
        .orThrow()
        .inFlight();
  }
}
