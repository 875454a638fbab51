// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the channels of the events store and what is in them. */
@Command(
    name = "list",
    aliases = {"l", "ls"})
final class LogListCommand extends BrokerCommand {
  private static final List<Column> COLUMNS =
      List.of(
          Column.text("NAME", "name"),
          Column.number("MESSAGES", "messages"),
          Column.number("BYTES", "bytes"),
          Column.number("FIRST", "firstSequence"),
          Column.number("LAST", "lastSequence"),
          Column.number("TRIMMED", "trimmed"),
          Column.number("CLIENTS", "subscribers"));

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "TEXT",
      description = "Only names that contain this.")
  private String filter = "";

  LogListCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    Management management = management();
    Output.Records records = output().records(COLUMNS, "there are no stored channels");
    management.pages(
        "/v1/logs",
        Management.parameters("contains", filter, "max", "1000"),
        "logs",
        "after",
        records::add);
    records.done();
    return DONE;
  }
}
