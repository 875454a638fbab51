// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A client that has a broker store things in all the ways there are, one after the other, and keeps
 * account of what it was told: what must be there from then on, and what must be gone. One thread.
 */
final class StoringClient implements AutoCloseable {

  private static final int RECEIVE = 1;
  private static final int ACK = 2;
  private static final int REJECT = 3;
  private static final int RESEND = 5;
  private static final int FROM_FIRST = 2;
  private static final String LOG = "log";
  private static final String PURGE = "ack-all";
  private static final Duration DUE_DEADLINE = Duration.ofSeconds(10);

  /** What a broker says that refuses since its storage has failed or is full. */
  static final String NOT_STORED = "Error 402: server persistence server is not ready";

  /** The event after a restart. */
  private static final String AFTER = "after";

  private static final String NOT_SETTLED = "Error 123: cannot ack the current message";

  /**
   * An answer that something is stored; times in microseconds since 1970, by the machine's clock.
   *
   * @param askedMicros before the request was sent
   * @param toldMicros after the answer was read
   */
  record Told(String what, long askedMicros, long toldMicros) {}

  /** One thing to have done; refused or done. */
  private interface Deed {
    void perform(String key) throws Refusal;
  }

  private final String suffix;
  private final String filler;
  private final Map<String, Deed> deeds = new LinkedHashMap<>();
  private final Map<String, Set<String>> kept = new HashMap<>();
  private final Map<String, Set<String>> gone = new HashMap<>();
  private final List<String> logged = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private URI server;
  private Rest rest;
  private JsonSocket follower;
  private Optional<JsonSocket> held = Optional.empty();
  private long heldSequence;
  private long followed;
  private int round;
  private int readings;

  /**
   * @param suffix of all channels
   * @param bodyBytes how large each message is, about
   */
  StoringClient(BrokerProcess broker, String suffix, int bodyBytes) {
    this.suffix = suffix;
    this.filler = incompressible(bodyBytes);
    this.server = broker.rest();
    this.rest = Rest.open(server);
    this.follower = follow("durable");
    deeds.put("send", key -> send("sent", key, Json.object()));
    deeds.put("batch", this::sendBatch);
    deeds.put("delayed", key -> send("delayed", key, Json.object("DelaySeconds", 1)));
    deeds.put("event", this::sendEvent);
    deeds.put("stream-event", this::sendEventOverStream);
    deeds.put("acknowledge", this::acknowledge);
    deeds.put("reject", this::reject);
    deeds.put("move", this::move);
    deeds.put("take", this::take);
    deeds.put(PURGE, this::acknowledgeAll);
  }

  /** Has to do with a broker that was started anew: may look, and after {@link #follow} go on. */
  void reconnect(BrokerProcess broker) {
    leave();
    server = broker.rest();
    rest = Rest.open(server);
  }

  /** Follows the log again, after {@link #assertKept}, so that there can be further rounds. */
  void follow() {
    follower = follow("again");
    while (!keyOf(next(follower)).equals(AFTER)) {}
  }

  /** Does everything once, up to what is refused. */
  Optional<Refusal> round() {
    round++;
    try {
      if (held.isEmpty()) {
        hold();
      }
      for (Map.Entry<String, Deed> deed : deeds.entrySet()) {
        // That one waits for a second.
        if (round == 1 || !deed.getKey().equals(PURGE)) {
          deed.getValue().perform(deed.getKey() + "-" + round);
        }
      }
      return Optional.empty();
    } catch (Refusal e) {
      return Optional.of(e);
    }
  }

  /** How many messages and events it was told are kept. */
  int keeps() {
    return kept.values().stream().mapToInt(Set::size).sum() + logged.size();
  }

  /** All answers that something is stored, in their order. */
  List<Told> told() {
    return told;
  }

  private void told(String what, long askedMicros) {
    told.add(new Told(what, askedMicros, nowMicros()));
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  // --- deeds

  private void send(String queue, String key, ObjectNode policy) throws Refusal {
    ObjectNode message = Json.with(message(queue, key), "Policy", policy);
    long asked = nowMicros();
    Refusal.check(rest.data("/queue/send", message));
    told("send " + key, asked);
    keep(queue, key);
  }

  private void sendBatch(String key) throws Refusal {
    List<ObjectNode> messages =
        List.of(message("batch", key + "-1"), message("sent", key + "-2"), message("batch", key));
    long asked = nowMicros();
    JsonNode data =
        rest.data("/queue/send_batch", Json.object("BatchID", key, "Messages", messages));
    for (JsonNode result : data.path("Results")) {
      Refusal.check(result);
    }
    told("batch " + key, asked);
    keep("batch", key + "-1");
    keep("sent", key + "-2");
    keep("batch", key);
  }

  private void sendEvent(String key) throws Refusal {
    ObjectNode event = event(key);
    long asked = nowMicros();
    Refusal.check(rest.data("/send/event", event));
    told("event " + key, asked);
    stored(key);
  }

  private void sendEventOverStream(String key) throws Refusal {
    try (JsonSocket socket = JsonSocket.open(server, "/send/stream")) {
      ObjectNode event = event(key);
      long asked = nowMicros();
      socket.send(event);
      JsonNode answer = next(socket);
      if (answer.path("is_error").asBoolean(true)) {
        throw new Refusal(200, answer.path("message").asText());
      }
      Refusal.check(answer.path("data"));
      told("stream event " + key, asked);
      stored(key);
    }
  }

  /** The durable subscriber, too, sees what is stored. */
  private void stored(String key) {
    logged.add(key);
    JsonNode event = next(follower);
    assertThat(keyOf(event)).as("%s", event).isEqualTo(key);
    followed = event.path("Sequence").asLong();
  }

  private void acknowledge(String key) throws Refusal {
    settle("acknowledged", key, Json.object(), ACK, Json.object());
  }

  /** Rejected once, it goes to the queue of dead letters. */
  private void reject(String key) throws Refusal {
    ObjectNode policy = Json.object("MaxReceiveCount", 1, "MaxReceiveQueue", channel("dead"));
    settle("rejected", key, policy, REJECT, Json.object());
    keep("dead", key);
  }

  private void move(String key) throws Refusal {
    settle("left", key, Json.object(), RESEND, Json.object("Channel", channel("moved")));
    keep("moved", key);
  }

  private void settle(String queue, String key, ObjectNode policy, int type, ObjectNode members)
      throws Refusal {
    send(queue, key, policy);
    try (JsonSocket socket = JsonSocket.open(server, "/queue/stream")) {
      JsonNode delivery = ask(socket, RECEIVE, Json.object("Channel", channel(queue)));
      assertThat(keyOf(delivery.path("Message"))).as("%s", delivery).isEqualTo(key);
      keeps(queue).remove(key);
      long sequence = delivery.at("/Message/Attributes/Sequence").asLong();
      long asked = nowMicros();
      ask(socket, type, Json.with(members, "RefSequence", sequence));
      told("settle " + key, asked);
      gone.computeIfAbsent(queue, name -> new HashSet<>()).add(key);
    }
  }

  /** Takes a message and does not settle it. */
  private void hold() throws Refusal {
    send("held", "held-" + round, Json.object());
    JsonSocket socket = JsonSocket.open(server, "/queue/stream");
    try {
      JsonNode delivery = ask(socket, RECEIVE, Json.object("Channel", channel("held")));
      heldSequence = delivery.at("/Message/Attributes/Sequence").asLong();
      held = Optional.of(socket);
    } catch (Refusal e) {
      socket.close();
      throw e;
    }
  }

  private void assertHeldCannotBeSettled() {
    held.ifPresent(
        socket -> {
          try {
            ask(socket, ACK, Json.object("RefSequence", heldSequence));
            throw new AssertionError("an acknowledgement after a failure");
          } catch (Refusal e) {
            assertThat(e).hasMessageContaining(NOT_SETTLED);
          }
        });
  }

  private static JsonNode ask(JsonSocket socket, int type, ObjectNode members) throws Refusal {
    ObjectNode request =
        Json.object(
            "RequestID",
            "request",
            "ClientID",
            "client",
            "StreamRequestTypeData",
            type,
            "VisibilitySeconds",
            60,
            "WaitTimeSeconds",
            5);
    request.setAll(members);
    socket.send(request);
    JsonNode reply = next(socket);
    Refusal.check(reply);
    return reply;
  }

  /** What is taken is gone with the answer, but when that is stored, nobody is told. */
  private void take(String key) throws Refusal {
    send("taken", key, Json.object());
    keeps("taken").remove(key);
    JsonNode data = rest.data("/queue/receive", Payload.receive(channel("taken"), 1, 5));
    Refusal.check(data);
    assertThat(data.path("Messages")).as("%s", data).hasSize(1);
  }

  private void acknowledgeAll(String key) throws Refusal {
    send("purged", key, Json.object());
    keeps("purged").remove(key);
    long asked = nowMicros();
    JsonNode data =
        rest.data(
            "/queue/ack_all",
            Json.object(
                "RequestID",
                key,
                "ClientID",
                "client",
                "Channel",
                channel("purged"),
                "WaitTimeSeconds",
                1));
    Refusal.check(data);
    told("acknowledge all " + key, asked);
    assertThat(data.path("AffectedMessages").asLong()).as("%s", data).isEqualTo(1);
    gone.computeIfAbsent("purged", name -> new HashSet<>()).add(key);
  }

  // --- what a broker must do whose storage has failed

  /** Tries everything once more: all of it must be refused, in words. */
  void assertEverythingIsRefused() {
    deeds.keySet().forEach(this::assertRefused);
    assertHeldCannotBeSettled();
  }

  private void assertRefused(String name) {
    String answer = "";
    try {
      deeds.getOrDefault(name, key -> {}).perform("refused-" + name);
    } catch (Refusal e) {
      answer = String.valueOf(e.getMessage());
    }
    assertThat(answer).as("answer to: %s", name).contains(NOT_STORED);
  }

  /** Nothing is stored that takes room. */
  void assertNothingNewIsTaken() {
    for (String name : List.of("send", "batch", "delayed", "event", "stream-event")) {
      assertRefused(name);
    }
  }

  /** What waits can be taken. */
  void assertConsumable() {
    Set<String> keys = keeps("sent");
    try {
      JsonNode data = rest.data("/queue/receive", Payload.receive(channel("sent"), keys.size(), 5));
      Refusal.check(data);
      Set<String> taken = new HashSet<>();
      data.path("Messages").forEach(message -> taken.add(keyOf(message)));
      assertThat(taken).isEqualTo(keys);
      keys.clear();
    } catch (Refusal e) {
      throw new AssertionError(e);
    }
  }

  /** What was acknowledged can still be looked at. */
  void assertReadable() {
    kept.forEach(
        (queue, keys) -> {
          if (!queue.equals("delayed") && !queue.equals("held") && !keys.isEmpty()) {
            assertThat(peek(queue, keys.size())).as(queue).isSubsetOf(keys);
          }
        });
    assertLogReadable("reader");
  }

  private void assertLogReadable(String reader) {
    if (logged.isEmpty()) {
      return;
    }
    List<String> read = new ArrayList<>();
    try (JsonSocket socket = follow(reader)) {
      while (!read.containsAll(logged)) {
        JsonNode event = next(socket);
        if (keyOf(event).isEmpty()) {
          throw new AssertionError("no event: " + event);
        }
        read.add(keyOf(event));
      }
    }
    assertThat(read).as("events of %s", reader).containsSubsequence(logged).doesNotHaveDuplicates();
  }

  // --- what must be true after a restart

  /** All that was acknowledged is there, and what was acknowledged to be gone is not. */
  void assertKept() {
    kept.forEach(
        (queue, keys) ->
            await("the messages of " + queue)
                .atMost(DUE_DEADLINE)
                .pollDelay(Duration.ZERO)
                .untilAsserted(
                    () -> {
                      Set<String> there = peekAll(queue);
                      assertThat(there).as(queue).containsAll(keys);
                      assertThat(there)
                          .as(queue)
                          .noneMatch(gone.getOrDefault(queue, Set.of())::contains);
                    }));
    // Anew each time: a durable subscriber goes on behind what it was given the last time.
    assertLogReadable("reader-after-" + ++readings);
    assertPositionKept();
  }

  /** The durable subscriber goes on where it was, or a little before, and never later. */
  private void assertPositionKept() {
    try {
      Refusal.check(rest.data("/send/event", event(AFTER)));
    } catch (Refusal e) {
      throw new AssertionError(e);
    }
    try (JsonSocket socket = follow("durable")) {
      assertThat(next(socket).path("Sequence").asLong())
          .as("goes on after %d", followed)
          .isLessThanOrEqualTo(followed + 1);
    }
  }

  private Set<String> peekAll(String queue) {
    try {
      for (JsonNode each : rest.get("/queue/info").at("/Info/Queues")) {
        if (each.path("Name").asText().equals(channel(queue))) {
          int waiting = each.path("Waiting").asInt(0);
          return waiting == 0 ? Set.of() : peek(queue, waiting);
        }
      }
      return Set.of();
    } catch (Refusal e) {
      throw new AssertionError(e);
    }
  }

  private Set<String> peek(String queue, int count) {
    try {
      JsonNode data =
          rest.data(
              "/queue/receive",
              Json.with(Payload.receive(channel(queue), count, 2), "IsPeak", true));
      Refusal.check(data);
      Set<String> keys = new LinkedHashSet<>();
      data.path("Messages").forEach(message -> keys.add(keyOf(message)));
      assertThat(keys).as("%s", queue).hasSize(count);
      return keys;
    } catch (Refusal e) {
      throw new AssertionError("peek " + queue, e);
    }
  }

  // --- parts

  private void keep(String queue, String key) {
    keeps(queue).add(key);
  }

  private Set<String> keeps(String queue) {
    return kept.computeIfAbsent(queue, name -> new HashSet<>());
  }

  private String channel(String name) {
    return name + suffix;
  }

  private ObjectNode message(String queue, String key) {
    return Json.object(
        "ClientID", "client", "Channel", channel(queue), "Body", Json.base64(key + " " + filler));
  }

  private ObjectNode event(String key) {
    return Json.with(Json.with(message(LOG, key), "Store", true), "EventID", key);
  }

  private JsonSocket follow(String client) {
    return Follower.open(server, channel(LOG), client + suffix, "", FROM_FIRST, 0);
  }

  private static String incompressible(int bytes) {
    byte[] random = new byte[bytes];
    new Random(bytes).nextBytes(random);
    return Json.base64(random).substring(0, bytes);
  }

  private static String keyOf(JsonNode message) {
    String body = Json.decoded(message.path("Body"));
    return body.substring(0, Math.max(0, body.indexOf(' ')));
  }

  private static JsonNode next(JsonSocket socket) {
    return socket
        .next()
        .orElseThrow(
            () -> new UncheckedIOException(new EOFException("closed " + socket.closeCode())));
  }

  @Override
  public void close() {
    leave();
  }

  /** Ends its connections. */
  void leave() {
    rest.close();
    follower.close();
    held.ifPresent(JsonSocket::close);
    held = Optional.empty();
  }
}
