// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Empties a queue. */
@Command(
    name = "ack",
    aliases = {"ac", "purge"},
    description =
        "Acknowledge, and so remove, everything that waits in a queue and comes within the wait."
            + " Delayed messages, and those that consumers hold, stay.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues ack orders",
      "  dragoman queues ack orders -w 10"
    })
final class QueueAckCommand extends BrokerCommand {
  @Parameters(paramLabel = "QUEUE", description = "The queue.")
  private String channel = "";

  @Option(
      names = {"-w", "--wait-timeout", "--wait"},
      paramLabel = "TIME",
      defaultValue = "2",
      converter = Converters.Time.class,
      description = "How long (2 s).")
  private Duration wait = Duration.ofSeconds(2);

  QueueAckCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    try (Broker broker = connect()) {
      AckAllQueueMessagesResponse answer =
          broker.ackAll(
              AckAllQueueMessagesRequest.newBuilder()
                  .setClientID(target().clientId())
                  .setChannel(channel)
                  .setWaitTimeSeconds(Converters.seconds(wait))
                  .build());
      if (answer.getIsError()) {
        throw CliException.failed(answer.getError());
      }
      long count = answer.getAffectedMessages();
      output()
          .result(
              new Fields().put("channel", channel).put("acknowledged", count),
              "acknowledged " + count + (count == 1 ? " message" : " messages"));
      return DONE;
    }
  }
}
