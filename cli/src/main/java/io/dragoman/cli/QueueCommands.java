// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import java.util.List;
import picocli.CommandLine;

/** {@code dragoman queues}. */
final class QueueCommands {
  private QueueCommands() {}

  static CommandLine of(Console console) {
    return CommandTree.group(
        "queues",
        List.of("q", "qu", "queue"),
        "Queues: each message to one consumer.",
        List.of(
            "dragoman queues send orders 'first order'",
            "dragoman queues peek orders --all",
            "dragoman queues receive orders --follow --output ndjson",
            "dragoman queues redrive orders.dead --dry-run"),
        List.of(
            new CommandLine(new QueueSendCommand(console)),
            new CommandLine(new QueueReceiveCommand(console)),
            new CommandLine(new QueuePeekCommand(console)),
            new CommandLine(new QueueAckCommand(console)),
            new CommandLine(new QueueStreamCommand(console)),
            new CommandLine(new QueueListCommand(console)),
            DelayedCommands.of(console),
            new CommandLine(new RedriveCommand(console)),
            CommandTree.described(
                new AttachCommand(console, "queue"),
                "Watch what passes through queues, without taking anything.",
                "dragoman queues attach orders",
                "dragoman queues attach orders bills --include berlin")));
  }
}
