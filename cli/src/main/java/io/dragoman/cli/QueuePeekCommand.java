// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows messages of a queue and leaves them there. */
@Command(
    name = "peek",
    aliases = {"p", "browse"},
    description = "Show messages of a queue, oldest first, without taking them.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues peek orders -m 10",
      "  dragoman queues peek orders --all --output ndjson",
      "  dragoman queues peek orders --from 1000 -m 20"
    })
final class QueuePeekCommand extends BrokerCommand {
  private static final int PAGE_MAX = 1000;

  @Parameters(paramLabel = "QUEUE", description = "The queue.")
  private String channel = "";

  @Option(
      names = {"-m", "--messages"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Show at most so many (1).")
  private int messages = 1;

  @Option(
      names = {"-w", "--wait-timeout", "--wait"},
      paramLabel = "TIME",
      defaultValue = "2",
      converter = Converters.Time.class,
      description = "Wait so long for them (2 s).")
  private Duration wait = Duration.ofSeconds(2);

  @Option(
      names = "--from",
      paramLabel = "SEQUENCE",
      description = "Begin at this message (over the management port; does not wait).")
  private @Nullable Long from;

  @Option(
      names = {"-a", "--all"},
      description = "All of them (over the management port; does not wait).")
  private boolean all;

  QueuePeekCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    Output output = output();
    int shown = all || from != null ? browse(output) : peek(output);
    if (shown == 0) {
      output.note("no message is waiting");
    }
    return DONE;
  }

  private int peek(Output output) {
    try (Broker broker = connect()) {
      ReceiveQueueMessagesResponse answer =
          broker.receive(
              ReceiveQueueMessagesRequest.newBuilder()
                  .setClientID(target().clientId())
                  .setChannel(channel)
                  .setMaxNumberOfMessages(messages)
                  .setWaitTimeSeconds(Converters.seconds(wait))
                  .setIsPeak(true)
                  .build());
      if (answer.getIsError()) {
        throw CliException.failed(answer.getError());
      }
      Output.Records records = output.messages();
      answer.getMessagesList().forEach(message -> records.add(MessageFields.of(message)));
      records.done();
      return answer.getMessagesCount();
    }
  }

  /** Page by page, so that a queue of any length needs no memory here. */
  private int browse(Output output) {
    Management management = management();
    String next = from == null ? "" : Long.toString(from);
    int left = all ? Integer.MAX_VALUE : messages;
    int shown = 0;
    Output.Records records = output.messages();
    do {
      Fields page =
          management.get(
              "/v1/queues/messages",
              Management.parameters(
                  "queue",
                  channel,
                  "from",
                  next,
                  "max",
                  Integer.toString(Math.min(left, PAGE_MAX))));
      for (Fields message : Management.list(page, "messages")) {
        records.add(message);
        shown++;
        left--;
      }
      next = page.text("next");
    } while (!next.isEmpty() && left > 0);
    records.done();
    return shown;
  }
}
