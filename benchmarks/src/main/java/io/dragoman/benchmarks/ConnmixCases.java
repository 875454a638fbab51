// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.Pair.Side;
import io.dragoman.benchmarks.floor.FanoutFloor;
import io.dragoman.benchmarks.load.FanoutLoad;
import io.dragoman.benchmarks.load.RpcSocket;
import io.dragoman.benchmarks.load.Run;
import io.dragoman.benchmarks.load.ServerProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Cases of connmix. */
final class ConnmixCases {
  private static final int MESSAGE_BYTES = 128;
  private static final int CLIENTS = 500;
  private static final int IN_FLIGHT = 32;
  private static final String TAKEN = "dragoman_pushes_total";

  /** The loads' sockets do not answer pings. */
  private static final String NO_PINGS =
      "connmix.clients=[{port: 0, subscribe: [bench], pingInterval: 1h, readTimeout: 2h}]";

  private final Options options;
  private final Path work;
  private final Table table;

  ConnmixCases(Options options, Path work, Table table) {
    this.options = options;
    this.work = work;
    this.table = table;
  }

  /** One backend publishes to a channel of which many clients are members. */
  void fanOut() {
    String publish =
        "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"bench\",\"d\":\"%s\"},\"i\":1}"
            .formatted("x".repeat(MESSAGE_BYTES));
    try (ServerProcess broker =
        ServerProcess.broker(
            options.root(),
            work.resolve("connmix-fan-out"),
            NO_PINGS,
            "connmix.api.readTimeout=3h")) {
      List<RpcSocket> clients =
          IntStream.range(0, CLIENTS).mapToObj(i -> RpcSocket.connmixClient(broker)).toList();
      // A text ping's answer says that the client is a member by now.
      clients.forEach(each -> each.call("ping"));
      try (FanoutLoad load =
              FanoutLoad.of(broker, IN_FLIGHT, clients, RpcSocket.connmixBackend(broker), publish);
          ServerProcess floor =
              ServerProcess.floor("fan-out", FanoutFloor.class, String.valueOf(MESSAGE_BYTES));
          FanoutLoad floorLoad =
              new FanoutLoad(floor, CLIENTS, IN_FLIGHT, i -> "/subscribe", "/publish", publish)) {
        Pair pair =
            new Pair(options, new Side(broker, load, taken(broker)), new Side(floor, floorLoad))
                .run();
        table.row("mesh.publish", pair.floor(), "");
        table.row(
            "mesh.publish",
            pair.broker(),
            table.atLeast("connmix-fan-out", pair.ratio(Run::perCpuSecond), 0.6)
                + ", %.2f µs of CPU per delivery"
                    .formatted(1e6 / pair.broker().median(Run::perCpuSecond)));
      }
    }
  }

  /** What was delivered is what the broker counted as taken; some may be under way. */
  private static Pair.Work taken(ServerProcess broker) {
    return () -> {
      long before = broker.counted(TAKEN, "outcome=\"taken\"");
      return claimed -> {
        double done = (double) broker.counted(TAKEN, "outcome=\"taken\"") - before;
        double room = (double) IN_FLIGHT * CLIENTS;
        Pair.require("pushes taken", done, claimed - room, claimed + room);
        return claimed;
      };
    };
  }
}
