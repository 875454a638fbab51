// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.Pair.Side;
import io.dragoman.benchmarks.floor.DurableFloor;
import io.dragoman.benchmarks.floor.FanoutFloor;
import io.dragoman.benchmarks.floor.GrpcFloor;
import io.dragoman.benchmarks.floor.HttpFloor;
import io.dragoman.benchmarks.load.FanoutLoad;
import io.dragoman.benchmarks.load.GrpcLoad;
import io.dragoman.benchmarks.load.Load;
import io.dragoman.benchmarks.load.Run;
import io.dragoman.benchmarks.load.ServerProcess;
import io.dragoman.benchmarks.load.Sink;
import io.dragoman.benchmarks.load.Wrk;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** All cases of {@code docs/performance.md}; {@code bin/bench} runs it. */
public final class Bench {

  private static final int CONNECTIONS = 64;
  private static final int MANY_CONNECTIONS = 512;
  private static final int BODY_BYTES = 300;
  private static final int EVENT_BYTES = 200;
  private static final int SUBSCRIBERS = 500;
  private static final int IN_FLIGHT = 32;
  private static final int RECEIVED_AT_ONCE = 10;
  private static final int BATCH = 100;
  private static final int GRPC_CONNECTIONS = 4;
  private static final int GRPC_CALLS = 64;
  private static final int GRPC_BATCHES = 16;
  private static final int GRPC_EVENTS = 512;
  private static final int BACKLOG = 1_000_000;

  private static final String MESSAGES_IN = "dragoman_gateway_messages_in_total";
  private static final String MESSAGES_OUT = "dragoman_gateway_messages_out_total";
  private static final String REFUSED = "dragoman_gateway_refused_total";
  private static final String DROPPED = "dragoman_slow_receiver_dropped_total";

  private static final double HTTP_FLOOR_MIN = 70_000;
  private static final double FANOUT_FLOOR_MIN = 2_000_000;
  private static final double UPSTREAM_MIN = 150_000;

  private final Options options;
  private final Path work;
  private final Table table = new Table();

  private Bench(Options options, Path work) {
    this.options = options;
    this.work = work;
  }

  /**
   * @param args see {@link Options#USAGE}
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(System.getProperty("dragoman.root"));
    Options options;
    try {
      options = Options.parse(root, args);
    } catch (IllegalArgumentException e) {
      System.err.print(e.getMessage());
      System.exit(2);
      return;
    }
    Path target = Files.createDirectories(root.resolve("benchmarks/target"));
    Path work = Files.createTempDirectory(target, "bench");
    Bench bench = new Bench(options, work);
    try {
      bench.run();
    } finally {
      delete(work);
    }
    bench.table.failures().forEach(each -> System.out.println("NOT REACHED  " + each));
    System.exit(bench.table.failures().isEmpty() ? 0 : 1);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private void run() throws IOException {
    table.line(machine());
    table.head();
    if (options.wants("send") || options.wants("receive")) {
      sendAndReceive();
    }
    if (options.wants("send-sync-64")) {
      sendSync("send-sync-64", CONNECTIONS);
    }
    if (options.wants("send-sync-512")) {
      sendSync("send-sync-512", MANY_CONNECTIONS);
    }
    if (options.wants("event")) {
      event();
    }
    if (options.wants("fan-out")) {
      fanOut();
    }
    if (options.wants("grpc-send")) {
      grpcSend();
    }
    if (options.wants("grpc-upstream")) {
      grpcUpstream();
    }
    if (options.wants("grpc-events")) {
      grpcEvents();
    }
    EventhubCases eventhub = new EventhubCases(options, work, table);
    if (options.wants("eventhub-fan-out")) {
      eventhub.fanOut();
    }
    if (options.wants("eventhub-patterns")) {
      eventhub.patterns();
    }
    if (options.wants("eventhub-history")) {
      eventhub.history();
    }
    ConnmixCases connmix = new ConnmixCases(options, work, table);
    if (options.wants("connmix-publish")) {
      connmix.publish();
    }
    if (options.wants("connmix-send")) {
      connmix.send();
    }
    if (options.wants("connmix-relay")) {
      connmix.relay();
    }
    if (options.wants("start")) {
      start();
    }
  }

  private static String machine() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown processor");
    return "%d × %s, Java %s, load %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            cpu,
            Runtime.version(),
            Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  // --- cases

  private void sendAndReceive() {
    try (ServerProcess broker = broker("send", "durability=async")) {
      List<String> bodies = Bodies.queueMessages("send", BODY_BYTES);
      int answer = answerBytes(broker, "/queue/send", bodies.get(0));
      double sent;
      try (ServerProcess floor = floor("http", HttpFloor.class, answer)) {
        Pair pair =
            new Pair(
                    options,
                    new Side(broker, wrk(broker, CONNECTIONS, "/queue/send", bodies), sent(broker)),
                    new Side(floor, wrk(floor, CONNECTIONS, "/queue/send", bodies)))
                .run();
        httpPair("send", pair, 0.6);
        sent = pair.broker().median(Run::perCpuSecond);
      }
      receive(broker, sent);
    }
  }

  /** Ten at a time from what the sends have left, and more. */
  private void receive(ServerProcess broker, double sentPerCpuSecond) {
    Load fill =
        wrk(broker, CONNECTIONS, "/queue/send_batch", Bodies.batches("full", BODY_BYTES, BATCH));
    Side side =
        new Side(
            broker,
            wrk(
                broker,
                CONNECTIONS,
                "/queue/receive",
                List.of(Bodies.receive("full", RECEIVED_AT_ONCE))),
            received(broker));
    int seconds = Math.max(1, options.seconds() / 2);
    for (int warm = 0; warm < options.warmUpSeconds(); warm += seconds) {
      fill.run(seconds * 2);
      side.run(seconds);
    }
    side.forget();
    for (int i = 0; i < options.rounds(); i++) {
      fill.run(options.seconds() * 2);
      side.awaitIdle();
      side.run(seconds);
    }
    double perCpu = side.median(Run::perCpuSecond);
    table.row(
        "receive of 10",
        broker.name(),
        perCpu,
        side.median(Run::perSecond),
        side.median(Run::p50Millis),
        side.median(Run::p99Millis),
        table.atLeast("receive, messages against sends", perCpu / sentPerCpuSecond, 1.0));
  }

  // --- what was really done: a refusal, too, is an answer with status 200

  /** Every answered send is stored; one per connection may be under way when the load ends. */
  private static Pair.Work sent(ServerProcess broker) {
    return () -> {
      long stored = broker.counted(MESSAGES_IN, "kind=\"queue\"");
      long refused = broker.counted(REFUSED);
      return claimed -> {
        Pair.require("refused sends", (double) broker.counted(REFUSED) - refused, 0, 0);
        double done = (double) broker.counted(MESSAGES_IN, "kind=\"queue\"") - stored;
        Pair.require("stored messages", done, claimed, claimed + MANY_CONNECTIONS);
        return claimed;
      };
    };
  }

  /** Every answered event reaches the subscriber. */
  private static Pair.Work delivered(ServerProcess broker, Sink sink) {
    return () -> {
      long frames = sink.frames();
      long dropped = broker.counted(DROPPED);
      return claimed -> {
        Pair.require("dropped events", (double) broker.counted(DROPPED) - dropped, 0, 0);
        double done = (double) sink.awaitFrames(frames + (long) claimed) - frames;
        Pair.require("delivered events", done, claimed, claimed + MANY_CONNECTIONS);
        return claimed;
      };
    };
  }

  /** What counts is messages; nearly every answer must bring as many as were asked for. */
  private static Pair.Work received(ServerProcess broker) {
    return () -> {
      long before = broker.counted(MESSAGES_OUT, "kind=\"queue\"");
      return claimed -> {
        double done = (double) broker.counted(MESSAGES_OUT, "kind=\"queue\"") - before;
        double asked = claimed * RECEIVED_AT_ONCE;
        Pair.require("received messages", done, asked, asked + MANY_CONNECTIONS * RECEIVED_AT_ONCE);
        return asked;
      };
    };
  }

  private void sendSync(String name, int connections) {
    List<String> bodies = Bodies.queueMessages("send", BODY_BYTES);
    try (ServerProcess broker = broker(name, "durability=sync")) {
      int answer = answerBytes(broker, "/queue/send", bodies.get(0));
      String file = work.resolve(name + ".journal").toString();
      try (ServerProcess floor =
          ServerProcess.floor("durable", DurableFloor.class, String.valueOf(answer), file)) {
        Pair pair =
            new Pair(
                    options,
                    new Side(broker, wrk(broker, connections, "/queue/send", bodies), sent(broker)),
                    new Side(floor, wrk(floor, connections, "/queue/send", bodies)))
                .run();
        row(name, pair.floor(), "");
        row(
            name,
            pair.broker(),
            table.atLeast(name + ", wall rate", pair.ratio(Run::perSecond), 0.7)
                + " of the wall rate");
      }
    }
  }

  private void event() {
    List<String> bodies = Bodies.events("event", BODY_BYTES);
    try (ServerProcess broker = broker("event");
        Sink sink = new Sink(broker, subscribe("event", 0))) {
      int answer = answerBytes(broker, "/send/event", bodies.get(0));
      try (ServerProcess floor = floor("http", HttpFloor.class, answer)) {
        Pair pair =
            new Pair(
                    options,
                    new Side(
                        broker,
                        wrk(broker, CONNECTIONS, "/send/event", bodies),
                        delivered(broker, sink)),
                    new Side(floor, wrk(floor, CONNECTIONS, "/send/event", bodies)))
                .run();
        httpPair("event", pair, 0.5);
        table.line("                 the subscriber got %,d events".formatted(sink.frames()));
      }
    }
  }

  private void fanOut() {
    String event = Bodies.events("fan", EVENT_BYTES).get(0);
    try (ServerProcess broker = broker("fan")) {
      int frame = deliveredBytes(broker, event);
      try (FanoutLoad load =
              new FanoutLoad(
                  broker, SUBSCRIBERS, IN_FLIGHT, i -> subscribe("fan", i), "/send/stream", event);
          ServerProcess floor = floor("fan-out", FanoutFloor.class, frame);
          FanoutLoad floorLoad =
              new FanoutLoad(floor, SUBSCRIBERS, IN_FLIGHT, i -> "/subscribe", "/publish", event)) {
        Pair pair = new Pair(options, new Side(broker, load), new Side(floor, floorLoad)).run();
        double floorRate = pair.floor().median(Run::perCpuSecond);
        row(
            "fan-out",
            pair.floor(),
            table.atLeast("the fan-out floor itself", floorRate, FANOUT_FLOOR_MIN));
        row(
            "fan-out",
            pair.broker(),
            table.atLeast("fan-out", pair.ratio(Run::perCpuSecond), 0.6)
                + ", frames of %d bytes".formatted(frame));
      }
    }
  }

  // --- cases of gRPC

  private void grpcSend() {
    List<byte[]> requests = Bodies.grpcQueueMessages("send", BODY_BYTES);
    try (ServerProcess broker = broker("grpc-send", "durability=async");
        ServerProcess floor = grpcFloor();
        Load load = grpcCalls(broker, requests);
        Load floorLoad = grpcCalls(floor, requests)) {
      Pair pair =
          new Pair(options, new Side(broker, load, sent(broker)), new Side(floor, floorLoad)).run();
      row("grpc-send", pair.floor(), "");
      row(
          "grpc-send",
          pair.broker(),
          table.atLeast("grpc-send", pair.ratio(Run::perCpuSecond), 0.6));
    }
  }

  private static Load grpcCalls(ServerProcess server, List<byte[]> requests) {
    return GrpcLoad.calls(
        server,
        kubemqGrpc.getSendQueueMessageMethod(),
        GRPC_CONNECTIONS,
        GRPC_CALLS / GRPC_CONNECTIONS,
        requests);
  }

  private void grpcUpstream() {
    List<byte[]> requests = Bodies.grpcBatches("send", BODY_BYTES, BATCH);
    try (ServerProcess broker = broker("grpc-upstream", "durability=async");
        ServerProcess floor = grpcFloor();
        Load load = grpcStreams(broker, requests);
        Load floorLoad = grpcStreams(floor, requests)) {
      Pair pair =
          new Pair(options, new Side(broker, load, sent(broker)), new Side(floor, floorLoad)).run();
      row("grpc-upstream", pair.floor(), "");
      double rate = pair.broker().median(Run::perSecond);
      row(
          "grpc-upstream",
          pair.broker(),
          table.atLeast("grpc-upstream", pair.ratio(Run::perCpuSecond), 0.5)
              + ", wall rate "
              + table.atLeast("grpc-upstream, messages per second", rate, UPSTREAM_MIN));
    }
  }

  private static Load grpcStreams(ServerProcess server, List<byte[]> requests) {
    return GrpcLoad.streams(
        server,
        kubemqGrpc.getQueuesUpstreamMethod(),
        GRPC_CONNECTIONS,
        GRPC_BATCHES / GRPC_CONNECTIONS,
        requests,
        BATCH);
  }

  private void grpcEvents() {
    List<byte[]> events = Bodies.grpcEvents("event", BODY_BYTES);
    byte[] subscribe = Bodies.grpcSubscribe("event");
    try (ServerProcess broker = broker("grpc-events");
        ServerProcess floor = grpcFloor();
        Load load = GrpcLoad.events(broker, GRPC_EVENTS, subscribe, events);
        Load floorLoad = GrpcLoad.events(floor, GRPC_EVENTS, subscribe, events)) {
      Pair pair =
          new Pair(options, new Side(broker, load, relayed(broker)), new Side(floor, floorLoad))
              .run();
      row("grpc-events", pair.floor(), "");
      row(
          "grpc-events",
          pair.broker(),
          table.atLeast("grpc-events", pair.ratio(Run::perCpuSecond), 0.6));
    }
  }

  /** Every event that the subscriber has counted was sent by the sender, and none was dropped. */
  private static Pair.Work relayed(ServerProcess broker) {
    return () -> {
      long sent = broker.counted(MESSAGES_IN, "kind=\"events\"");
      long dropped = broker.counted(DROPPED);
      return claimed -> {
        Pair.require("dropped events", (double) broker.counted(DROPPED) - dropped, 0, 0);
        double done = (double) broker.counted(MESSAGES_IN, "kind=\"events\"") - sent;
        Pair.require("events sent", done, claimed, claimed);
        return claimed;
      };
    };
  }

  /** Answers with what the broker answers: a result of the same fields and sizes. */
  private static ServerProcess grpcFloor() {
    SendQueueMessageResult answer =
        SendQueueMessageResult.newBuilder()
            .setMessageID("00000000-0000-0000-0000-000000000000")
            .setSentAt(System.currentTimeMillis() * 1_000_000)
            .build();
    String encoded = Base64.getEncoder().encodeToString(answer.toByteArray());
    return ServerProcess.floor("grpc", GrpcFloor.class, encoded);
  }

  private void start() throws IOException {
    double[] empty = new double[options.rounds()];
    for (int i = 0; i < empty.length; i++) {
      Path data = work.resolve("start-" + i);
      try (ServerProcess broker = ServerProcess.broker(options.root(), data)) {
        empty[i] = broker.readyNanos() / 1e9;
      }
    }
    table.line("start, empty     " + seconds("start, empty", empty, 1.5));

    Path data = work.resolve("start-full");
    try (ServerProcess broker = ServerProcess.broker(options.root(), data, "durability=async")) {
      Load fill = wrk(broker, 8, "/queue/send_batch", Bodies.batches("full", BODY_BYTES, BATCH));
      double stored = 0;
      while (stored < BACKLOG) {
        stored += fill.run(2).work() * BATCH;
      }
      table.line("                 %,.0f messages stored".formatted(stored));
    }
    double[] full = new double[options.rounds()];
    for (int i = 0; i < full.length; i++) {
      try (ServerProcess broker = ServerProcess.broker(options.root(), data)) {
        full[i] = broker.readyNanos() / 1e9;
      }
    }
    table.line("start, 1 M       " + seconds("start with 1 M messages", full, 2.5));
  }

  private String seconds(String what, double[] values, double most) {
    return table.atMost(what + ", s", Pair.median(values), most)
        + " s, from the start of bin/dragoman to the first answer";
  }

  // --- rows

  private void httpPair(String name, Pair pair, double ratioMin) {
    double floor = pair.floor().median(Run::perCpuSecond);
    row(name, pair.floor(), table.atLeast("the HTTP floor itself", floor, HTTP_FLOOR_MIN));
    row(name, pair.broker(), table.atLeast(name, pair.ratio(Run::perCpuSecond), ratioMin));
  }

  private void row(String name, Side side, String ratio) {
    table.row(name, side, ratio);
  }

  // --- servers and loads

  private ServerProcess broker(String name, String... settings) {
    return ServerProcess.broker(options.root(), work.resolve(name), settings);
  }

  private static ServerProcess floor(String name, Class<?> main, int bytes) {
    return ServerProcess.floor(name, main, String.valueOf(bytes));
  }

  private Load wrk(ServerProcess server, int connections, String path, List<String> bodies) {
    return new Wrk(server, connections, path, bodies, work);
  }

  private static String subscribe(String channel, int number) {
    return "/subscribe/events?subscribe_type=events&client_id=c%d&group=&channel=%s"
        .formatted(number, channel);
  }

  private static int answerBytes(ServerProcess broker, String path, String json) {
    return broker.post(path, json).length();
  }

  /** The payload of what a subscriber gets for this event. */
  private static int deliveredBytes(ServerProcess broker, String event) {
    try (Sink sink = new Sink(broker, subscribe("fan", 0))) {
      broker.post("/send/event", event);
      return sink.awaitPayloadBytes();
    }
  }
}
