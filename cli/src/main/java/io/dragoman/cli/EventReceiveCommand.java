// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Subscribe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Subscribes to events. */
@Command(
    name = "receive",
    aliases = {"r", "rec", "subscribe", "sub"})
final class EventReceiveCommand extends BrokerCommand {
  @Parameters(paramLabel = "CHANNEL", description = "A channel, or a pattern with * and >.")
  private String channel = "";

  @Option(
      names = {"-g", "--group"},
      paramLabel = "NAME",
      description = "Share with all of this group: each event to one of them.")
  private String group = "";

  @Mixin private Following following = new Following();

  EventReceiveCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    Output output = output();
    Subscribe subscription =
        Subscribe.newBuilder()
            .setSubscribeTypeData(Subscribe.SubscribeType.Events)
            .setClientID(target().clientId())
            .setChannel(channel)
            .setGroup(group)
            .build();
    Output.Records records = output.messageStream();
    try (Broker broker = connect()) {
      following.<EventReceive>run(
          () -> broker.subscribeToEvents(subscription),
          "listening for events on " + channel + "; Ctrl-C ends",
          output,
          event -> records.add(MessageFields.of(event)));
    }
    return DONE;
  }
}
