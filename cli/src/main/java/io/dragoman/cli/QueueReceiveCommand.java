// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Times;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes messages out of a queue. */
@Command(
    name = "receive",
    aliases = {"r", "rec"},
    description =
        "Take messages out of a queue. Returns when so many are there as were asked for, or the"
            + " wait is over.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues receive orders",
      "  dragoman queues receive orders -m 10 --wait-timeout 30",
      "  dragoman queues receive orders --follow --output ndjson | jq .body",
      "  dragoman queues receive images --quiet > image.bin"
    })
final class QueueReceiveCommand extends BrokerCommand {
  /** Ctrl-C lets the call under way end, since it may bring messages: so it is a short one. */
  private static final int FOLLOW_WAIT_SECONDS = 1;

  @Parameters(paramLabel = "QUEUE", description = "The queue.")
  private String channel = "";

  @Option(
      names = {"-m", "--messages"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Take at most so many (1); with --follow: at a time.")
  private int messages = 1;

  @Option(
      names = {"-t", "--wait-timeout", "--wait"},
      paramLabel = "TIME",
      defaultValue = "2",
      converter = Converters.Time.class,
      description = "Wait so long for them (2 s).")
  private Duration wait = Duration.ofSeconds(2);

  @Option(
      names = {"-w", "--watch", "-f", "--follow"},
      description = "Go on until Ctrl-C.")
  private boolean follow;

  QueueReceiveCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws InterruptedException {
    Output output = output();
    try (Broker broker = connect()) {
      return follow ? follow(broker, output) : once(broker, output);
    }
  }

  private int once(Broker broker, Output output) {
    ReceiveQueueMessagesResponse answer = receive(broker, Converters.seconds(wait));
    Output.Records records = output.messages();
    answer.getMessagesList().forEach(message -> records.add(MessageFields.of(message)));
    records.done();
    if (answer.getMessagesCount() == 0) {
      output.note("no message came within " + Times.human(wait));
    }
    return DONE;
  }

  private int follow(Broker broker, Output output) throws InterruptedException {
    Interrupt interrupt = Interrupt.noted();
    Retries retries = new Retries(output);
    Output.Records records = output.messageStream();
    while (!interrupt.happened()) {
      try {
        receive(broker, FOLLOW_WAIT_SECONDS)
            .getMessagesList()
            .forEach(message -> records.add(MessageFields.of(message)));
        retries.succeeded();
      } catch (CliException e) {
        retries.failed(e);
      }
    }
    return DONE;
  }

  private ReceiveQueueMessagesResponse receive(Broker broker, int waitSeconds) {
    ReceiveQueueMessagesResponse answer =
        broker.receive(
            ReceiveQueueMessagesRequest.newBuilder()
                .setClientID(target().clientId())
                .setChannel(channel)
                .setMaxNumberOfMessages(messages)
                .setWaitTimeSeconds(waitSeconds)
                .build());
    if (answer.getIsError()) {
      throw CliException.failed(answer.getError());
    }
    return answer;
  }
}
