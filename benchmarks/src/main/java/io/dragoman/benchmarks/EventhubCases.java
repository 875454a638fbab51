// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.Pair.Side;
import io.dragoman.benchmarks.floor.FanoutFloor;
import io.dragoman.benchmarks.load.FanoutLoad;
import io.dragoman.benchmarks.load.HistoryLoad;
import io.dragoman.benchmarks.load.RpcSocket;
import io.dragoman.benchmarks.load.Run;
import io.dragoman.benchmarks.load.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Cases of Eventhub. Events are kept, as they always are there. */
final class EventhubCases {

  private static final int MESSAGE_BYTES = 128;
  private static final int SUBSCRIBERS = 500;
  private static final int IN_FLIGHT = 32;
  private static final double FLOOR_MIN = 2_000_000;

  private static final int PATTERNS = 10_000;
  private static final int PATTERN_CLIENTS = 4;

  private static final int LOG_EVENTS = 1_000_000;
  private static final int HISTORY_EVENTS = 100;
  private static final int ID_KEPT_EVERY = 100;
  private static final double HISTORY_MILLIS_MAX = 5;

  private static final String EVENTS_STORED = "dragoman_messages_in_total";
  private static final String LOG = "kind=\"log\"";
  private static final String LOG_READS = "dragoman_log_reads_total";

  /** The loads' sockets do not answer pings. */
  private static final String NO_PINGS = "eventhub.pingInterval=1h";

  private final Options options;
  private final Path work;
  private final Table table;

  EventhubCases(Options options, Path work, Table table) {
    this.options = options;
    this.work = work;
    this.table = table;
  }

  // --- many subscribers of one topic

  /** Where the disk is waited for, what is in flight comes in more and smaller groups. */
  void fanOut() {
    fanOut("async");
    fanOut("sync");
  }

  private void fanOut(String durability) {
    String publish = EventhubRequests.publish("bench/fan", MESSAGE_BYTES);
    try (ServerProcess broker =
        broker("eventhub-fan-out-" + durability, "durability=" + durability)) {
      int frame = deliveredBytes(broker, "bench/fan", publish);
      List<RpcSocket> subscribers =
          IntStream.range(0, SUBSCRIBERS)
              .mapToObj(i -> subscribed(broker, List.of("bench/fan")))
              .toList();
      try (FanoutLoad load =
              FanoutLoad.of(broker, IN_FLIGHT, subscribers, RpcSocket.eventhub(broker), publish);
          ServerProcess floor =
              ServerProcess.floor("fan-out", FanoutFloor.class, String.valueOf(frame));
          FanoutLoad floorLoad =
              new FanoutLoad(
                  floor, SUBSCRIBERS, IN_FLIGHT, i -> "/subscribe", "/publish", publish)) {
        Pair pair =
            new Pair(
                    options,
                    new Side(broker, load, stored(broker, SUBSCRIBERS)),
                    new Side(floor, floorLoad))
                .run();
        double floorRate = pair.floor().median(Run::perCpuSecond);
        String name = "eh fan-out " + durability;
        table.row(
            name, pair.floor(), table.atLeast("the fan-out floor itself", floorRate, FLOOR_MIN));
        table.row(
            name,
            pair.broker(),
            table.atLeast("eventhub-fan-out, " + durability, pair.ratio(Run::perCpuSecond), 0.6)
                + ", frames of %d bytes, %.2f µs of CPU per delivery"
                    .formatted(frame, 1e6 / pair.broker().median(Run::perCpuSecond)));
        table.line(
            "                 subscribers that were behind have read the log %,d times"
                .formatted(broker.counted(LOG_READS)));
      }
    }
  }

  /** The payload of what a subscriber gets; the last part of its id is now and then shorter. */
  private static int deliveredBytes(ServerProcess broker, String topic, String publish) {
    try (RpcSocket subscriber = subscribed(broker, List.of(topic));
        RpcSocket publisher = RpcSocket.eventhub(broker)) {
      int most = 0;
      for (int i = 0; i < 8; i++) {
        publisher.call(publish);
        most = Math.max(most, subscriber.next().length());
      }
      return most;
    }
  }

  // --- one subscriber, and many patterns that do not match

  void patterns() {
    String topic = "device/%d/state".formatted(PATTERNS / 2);
    String publish = EventhubRequests.publish(topic, MESSAGE_BYTES);
    List<List<String>> patterns = new ArrayList<>();
    for (int client = 0; client < PATTERN_CLIENTS; client++) {
      int first = client * (PATTERNS / PATTERN_CLIENTS);
      patterns.add(
          IntStream.range(first, first + PATTERNS / PATTERN_CLIENTS)
              .mapToObj(i -> (i % 2 == 0 ? "device/%d/+" : "+/%d/state").formatted(i))
              .toList());
    }
    int matching = PATTERN_CLIENTS / 2;
    List<RpcSocket> others = new ArrayList<>();
    // Asynchronous, so that what is measured is not mainly the disk's.
    try (ServerProcess many = broker("patterns-many", "durability=async");
        ServerProcess one = broker("patterns-one", "durability=async")) {
      for (int client = 0; client < PATTERN_CLIENTS; client++) {
        if (client != matching) {
          others.add(subscribed(many, patterns.get(client)));
        }
      }
      try (FanoutLoad load = toOne(many, patterns.get(matching), publish);
          FanoutLoad oneLoad =
              toOne(one, List.of("device/%d/+".formatted(PATTERNS / 2)), publish)) {
        Pair pair =
            new Pair(
                    options,
                    new Side(many, load, stored(many, 1)),
                    new Side(one, oneLoad, stored(one, 1)))
                .run();
        table.row("eh 1 pattern", pair.floor(), "");
        table.row(
            "eh 10 k patterns",
            pair.broker(),
            table.atMost(
                    "eventhub-patterns, cost of a publish", 1 / pair.ratio(Run::perCpuSecond), 2.0)
                + " times the CPU time of one pattern");
      }
    } finally {
      others.forEach(RpcSocket::close);
    }
  }

  private static FanoutLoad toOne(ServerProcess broker, List<String> patterns, String publish) {
    return FanoutLoad.of(
        broker,
        IN_FLIGHT,
        List.of(subscribed(broker, patterns)),
        RpcSocket.eventhub(broker),
        publish);
  }

  // --- history out of a long log

  void history() {
    try (ServerProcess broker = broker("eventhub-history", "durability=async")) {
      List<String> ids = fill(broker, "bench/log");
      Random random = new Random(8);
      // So near the end that there are just enough, and anywhere before that.
      String nearEnd = ids.get(ids.size() - 1 - HISTORY_EVENTS / ID_KEPT_EVERY);
      Supplier<String> anyId = () -> ids.get(random.nextInt(ids.size() * 9 / 10));
      Map<String, Side> sides = new LinkedHashMap<>();
      List<HistoryLoad> loads = new ArrayList<>();
      try {
        sides.put(
            "eh log by time",
            history(
                broker,
                loads,
                () ->
                    EventhubRequests.historySince("bench/log", millis(anyId.get()), HISTORY_EVENTS),
                null));
        sides.put(
            "eh log, id late",
            history(
                broker,
                loads,
                () -> EventhubRequests.historyAfter("bench/log", nearEnd, HISTORY_EVENTS),
                null));
        sides.put(
            "eh log, any id",
            history(
                broker,
                loads,
                () -> EventhubRequests.historyAfter("bench/log", anyId.get(), HISTORY_EVENTS),
                null));
        sides.put(
            "eh subscribe, id",
            history(
                broker,
                loads,
                () -> EventhubRequests.subscribeAfter("bench/log", anyId.get(), HISTORY_EVENTS),
                EventhubRequests.unsubscribe("bench/log")));
        measure(sides, loads);
      } finally {
        loads.forEach(HistoryLoad::close);
      }
    }
  }

  private void measure(Map<String, Side> sides, List<HistoryLoad> loads) {
    for (HistoryLoad each : loads) {
      each.run(Math.max(1, options.warmUpSeconds() / loads.size()));
    }
    for (int i = 0; i < options.rounds(); i++) {
      sides.values().forEach(each -> each.run(options.seconds()));
    }
    sides.forEach(
        (name, side) ->
            table.row(
                name,
                side,
                "p99, ms "
                    + table.atMost(
                        name + ", p99 in ms", side.median(Run::p99Millis), HISTORY_MILLIS_MAX)));
  }

  private static Side history(
      ServerProcess broker,
      List<HistoryLoad> loads,
      Supplier<String> requests,
      @Nullable String undo) {
    HistoryLoad load = new HistoryLoad(broker, HISTORY_EVENTS, requests, undo);
    loads.add(load);
    return new Side(broker, load);
  }

  /** Fills a log; gives some of its events' ids, in order, the last one among them. */
  private List<String> fill(ServerProcess broker, String topic) {
    String publish = EventhubRequests.publish(topic, MESSAGE_BYTES);
    List<String> ids = new ArrayList<>();
    int[] count = {0};
    long began = System.nanoTime();
    try (RpcSocket publisher = RpcSocket.eventhub(broker)) {
      publisher.callAll(
          LOG_EVENTS,
          i -> publish,
          answer -> {
            if (++count[0] % ID_KEPT_EVERY == 0) {
              ids.add(eventId(answer));
            }
          });
    }
    table.line(
        "                 %,d events stored in %.0f s"
            .formatted(LOG_EVENTS, (System.nanoTime() - began) / 1e9));
    return ids;
  }

  private static String eventId(String answer) {
    String before = "\"id\":\"";
    int start = answer.indexOf(before) + before.length();
    return answer.substring(start, answer.indexOf('"', start));
  }

  private static long millis(String eventId) {
    return Long.parseLong(eventId, 0, eventId.indexOf('-'), 10);
  }

  // ---

  private ServerProcess broker(String name, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add(NO_PINGS);
    return ServerProcess.broker(options.root(), work.resolve(name), all.toArray(new String[0]));
  }

  private static RpcSocket subscribed(ServerProcess broker, List<String> topics) {
    RpcSocket client = RpcSocket.eventhub(broker);
    client.callAll(topics.size(), i -> EventhubRequests.subscribe(topics.get(i)), answer -> {});
    return client;
  }

  /** Every event that was delivered to all was stored; some may be under way at either end. */
  private static Pair.Work stored(ServerProcess broker, int subscribers) {
    return () -> {
      long before = broker.counted(EVENTS_STORED, LOG);
      return claimed -> {
        double done = (double) broker.counted(EVENTS_STORED, LOG) - before;
        double delivered = claimed / subscribers;
        Pair.require("stored events", done, delivered - IN_FLIGHT, delivered + IN_FLIGHT);
        return claimed;
      };
    };
  }
}
