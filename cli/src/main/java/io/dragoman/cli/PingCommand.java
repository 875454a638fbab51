// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Times;
import io.dragoman.kubemq.protocol.PingResult;
import java.time.Duration;
import picocli.CommandLine.Command;

/** Asks a broker who it is. */
@Command(
    name = "ping",
    description = "Ask the broker who it is, and how long that takes.",
    footer = {"", "Examples:", "  dragoman ping", "  dragoman ping --server broker.example.org"})
final class PingCommand extends BrokerCommand {
  PingCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    try (Broker broker = connect()) {
      PingResult first = broker.ping();
      // The first answer took the connection's time with it.
      long began = System.nanoTime();
      PingResult second = broker.ping();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      Duration up = Duration.ofSeconds(second.getServerUpTimeSeconds());
      output()
          .result(
              new Fields()
                  .put("address", target().messaging().toString())
                  .put("host", first.getHost())
                  .put("version", first.getVersion())
                  .put("upSeconds", up.toSeconds())
                  .put("micros", took.toNanos() / 1_000),
              "%s at %s, version %s, up %s, answered in %d µs"
                  .formatted(
                      first.getHost(),
                      target().messaging(),
                      first.getVersion(),
                      Times.human(up),
                      took.toNanos() / 1_000));
      return DONE;
    }
  }
}
