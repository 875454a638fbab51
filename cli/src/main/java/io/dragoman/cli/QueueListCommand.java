// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the queues and what is in them. */
@Command(
    name = "list",
    aliases = {"l", "ls"},
    description = "Show the queues and how much is in them.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues list",
      "  dragoman queues list --filter orders --output json"
    })
final class QueueListCommand extends BrokerCommand {
  private static final List<Column> COLUMNS =
      List.of(
          Column.text("NAME", "name"),
          Column.number("WAITING", "waiting"),
          Column.number("IN FLIGHT", "inFlight"),
          Column.number("DELAYED", "delayed"),
          Column.number("BYTES", "bytes"),
          Column.number("FIRST", "firstSequence"),
          Column.number("LAST", "lastSequence"),
          Column.number("DEAD", "deadLettered"),
          Column.number("CLIENTS", "waitingReceivers"));

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "TEXT",
      description = "Only names that contain this.")
  private String filter = "";

  QueueListCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    Management management = management();
    Output.Records records = output().records(COLUMNS, "there are no queues");
    management.pages(
        "/v1/queues",
        Management.parameters("contains", filter, "max", "1000"),
        "queues",
        "after",
        records::add);
    records.done();
    return DONE;
  }
}
