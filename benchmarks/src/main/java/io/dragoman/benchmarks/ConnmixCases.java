// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.Pair.Side;
import io.dragoman.benchmarks.floor.EchoFloor;
import io.dragoman.benchmarks.floor.FanoutFloor;
import io.dragoman.benchmarks.load.FanoutLoad;
import io.dragoman.benchmarks.load.PipelineLoad;
import io.dragoman.benchmarks.load.RelayLoad;
import io.dragoman.benchmarks.load.RpcSocket;
import io.dragoman.benchmarks.load.Run;
import io.dragoman.benchmarks.load.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cases of connmix. */
final class ConnmixCases {

  private static final int MESSAGE_BYTES = 128;
  private static final int SUBSCRIBERS = 500;
  private static final int IN_FLIGHT = 32;
  private static final int UNDER_WAY = 256;
  private static final double FANOUT_FLOOR_MIN = 2_000_000;
  private static final double FAST_ECHO = 200_000;
  private static final double SENDS_MIN = 100_000;
  private static final int RELAYED_PER_SECOND = 10_000;
  private static final double RELAY_P50_MILLIS_MAX = 1;
  private static final double RELAY_P99_MILLIS_MAX = 10;

  /**
   * The loads' sockets do not answer pings, and a machine that stalls for a moment must not end a
   * run.
   */
  private static final String CLIENTS =
      "connmix.clients=[{full: block, pingInterval: 1h, readTimeout: 2h}]";

  private static final String BACKENDS = "connmix.api.readTimeout=3h";

  private static final String TOPIC = "default";
  private static final String CHANNEL = "bench";
  private static final String TEXT = "x".repeat(MESSAGE_BYTES);
  private static final String PUSHES = "dragoman_pushes_total";
  private static final String TAKEN = "outcome=\"taken\"";

  private final Options options;
  private final Path work;
  private final Table table;

  ConnmixCases(Options options, Path work, Table table) {
    this.options = options;
    this.work = work;
    this.table = table;
  }

  // --- one text to all members of a channel

  void publish() {
    String publish = ConnmixRequests.publish(CHANNEL, TEXT);
    try (ServerProcess broker = broker("connmix-publish")) {
      List<RpcSocket> members = new ArrayList<>();
      try (RpcSocket worker = RpcSocket.connmixApi(broker)) {
        worker.call(ConnmixRequests.pop(TOPIC));
        for (int i = 0; i < SUBSCRIBERS; i++) {
          RpcSocket member = RpcSocket.connmixClient(broker);
          worker.call(ConnmixRequests.subscribe(idOf(member, worker), CHANNEL));
          members.add(member);
        }
      }
      try (FanoutLoad load =
              FanoutLoad.of(broker, IN_FLIGHT, members, RpcSocket.connmixApi(broker), publish);
          ServerProcess floor =
              ServerProcess.floor("fan-out", FanoutFloor.class, String.valueOf(MESSAGE_BYTES));
          FanoutLoad floorLoad =
              new FanoutLoad(
                  floor, SUBSCRIBERS, IN_FLIGHT, i -> "/subscribe", "/publish", publish)) {
        Pair pair =
            new Pair(options, new Side(broker, load, pushed(broker)), new Side(floor, floorLoad))
                .run();
        double floorRate = pair.floor().median(Run::perCpuSecond);
        table.row(
            "cm publish",
            pair.floor(),
            table.atLeast("the fan-out floor itself", floorRate, FANOUT_FLOOR_MIN));
        table.row(
            "cm publish",
            pair.broker(),
            table.atLeast("connmix-publish", pair.ratio(Run::perCpuSecond), 0.6));
      }
    }
  }

  /** What members have got was pushed; some may be on its way at either end. */
  private static Pair.Work pushed(ServerProcess broker) {
    return () -> {
      long before = broker.counted(PUSHES, TAKEN);
      return claimed -> {
        double done = (double) broker.counted(PUSHES, TAKEN) - before;
        double margin = (double) IN_FLIGHT * SUBSCRIBERS;
        Pair.require("pushed texts", done, claimed - margin, claimed + margin);
        return claimed;
      };
    };
  }

  // --- texts to one client, one request each

  void send() {
    try (ServerProcess broker = broker("connmix-send")) {
      RpcSocket client = RpcSocket.connmixClient(broker);
      String send;
      try (RpcSocket worker = RpcSocket.connmixApi(broker)) {
        worker.call(ConnmixRequests.pop(TOPIC));
        send = ConnmixRequests.send(idOf(client, worker), TEXT);
      }
      try (PipelineLoad load =
              new PipelineLoad(
                  broker, RpcSocket.connmixApi(broker), List.of(client), UNDER_WAY, send);
          ServerProcess floor = ServerProcess.floor("echo", EchoFloor.class);
          PipelineLoad floorLoad = PipelineLoad.of(floor, "/", UNDER_WAY, send)) {
        Pair pair =
            new Pair(options, new Side(broker, load, sent(broker)), new Side(floor, floorLoad))
                .run();
        table.row("cm send", pair.floor(), "");
        String ratio = table.atLeast("connmix-send", pair.ratio(Run::perCpuSecond), 0.5);
        double rate = pair.broker().median(Run::perSecond);
        boolean fast = pair.floor().median(Run::perSecond) >= FAST_ECHO;
        String wall =
            fast ? ", per second " + table.atLeast("connmix-send per second", rate, SENDS_MIN) : "";
        table.row("cm send", pair.broker(), ratio + wall);
      }
    }
  }

  /** Every answered request is a text that the client was sent. */
  private static Pair.Work sent(ServerProcess broker) {
    return () -> {
      long before = broker.counted(PUSHES, TAKEN);
      return claimed -> {
        double done = (double) broker.counted(PUSHES, TAKEN) - before;
        Pair.require("texts sent", done, claimed, claimed);
        return claimed;
      };
    };
  }

  // --- from a client to a worker

  void relay() {
    relay("async", true);
    relay("sync", false);
  }

  private void relay(String durability, boolean bounded) {
    try (ServerProcess broker = broker("connmix-relay-" + durability, "durability=" + durability)) {
      RpcSocket client = RpcSocket.connmixClient(broker);
      RpcSocket worker = RpcSocket.connmixApi(broker);
      worker.call(ConnmixRequests.pop(TOPIC));
      try (RelayLoad load = new RelayLoad(broker, client, worker, RELAYED_PER_SECOND)) {
        Side side = new Side(broker, load);
        side.run(options.warmUpSeconds());
        side.forget();
        for (int i = 0; i < options.rounds(); i++) {
          side.run(options.seconds());
        }
        String name = "cm relay " + durability;
        double p50 = side.median(Run::p50Millis);
        double p99 = side.median(Run::p99Millis);
        table.row(
            name,
            side,
            bounded
                ? "p50, ms "
                    + table.atMost(name + ", p50 in ms", p50, RELAY_P50_MILLIS_MAX)
                    + ", p99, ms "
                    + table.atMost(name + ", p99 in ms", p99, RELAY_P99_MILLIS_MAX)
                : "");
      }
    }
  }

  // ---

  /** A client's id, which only what it sends tells; the worker consumes its topic. */
  private static String idOf(RpcSocket client, RpcSocket worker) {
    client.send("hello");
    return ConnmixRequests.clientOf(worker.next());
  }

  private ServerProcess broker(String name, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.addAll(List.of(CLIENTS, BACKENDS));
    return ServerProcess.broker(options.root(), work.resolve(name), all.toArray(new String[0]));
  }
}
