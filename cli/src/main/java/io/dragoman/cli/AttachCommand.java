// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Json;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Watches what passes through channels, without taking anything. */
@Command(
    name = "attach",
    aliases = {"a", "att", "at"})
final class AttachCommand extends BrokerCommand {
  @Parameters(arity = "1..*", paramLabel = "CHANNEL", description = "The channels.")
  private List<String> channels = new ArrayList<>();

  @Option(
      names = {"-i", "--include"},
      paramLabel = "REGEX",
      description = "Only messages that contain this; may be repeated.")
  private List<Pattern> include = new ArrayList<>();

  @Option(
      names = {"-e", "--exclude"},
      paramLabel = "REGEX",
      description = "No messages that contain this; may be repeated.")
  private List<Pattern> exclude = new ArrayList<>();

  @Mixin private Following following = new Following();

  private final String kind;

  AttachCommand(Console console, String kind) {
    super(console);
    this.kind = kind;
  }

  /** What was seen, and where. */
  private record Seen(String channel, Fields message) {}

  @Override
  public Integer call() {
    Output output = output();
    Management management = management();
    Output.Records records = output.messageStream();
    following.<Seen>run(
        () -> new Monitors(management),
        "watching " + kind + " " + String.join(", ", channels) + "; Ctrl-C ends",
        output,
        seen -> records.add(fields(seen)));
    records.done();
    return DONE;
  }

  /** Looks at all that the broker tells of a message, and at its body as it is. */
  private boolean isWanted(String frame, String body) {
    return (include.isEmpty() || include.stream().anyMatch(each -> isIn(each, frame, body)))
        && exclude.stream().noneMatch(each -> isIn(each, frame, body));
  }

  private static boolean isIn(Pattern pattern, String frame, String body) {
    return pattern.matcher(frame).find() || pattern.matcher(body).find();
  }

  /** The broker's frame with the names that all other commands use. */
  private static Fields fields(Seen seen) {
    Fields fields = new Fields().put("channel", seen.channel());
    seen.message()
        .values()
        .forEach(
            (name, value) -> {
              switch (name) {
                case "messageId", "requestId" -> fields.put("id", value);
                case "tags" -> fields.put("tags", tags(value));
                case "receivedCount" -> fields.putIfSet("receiveCount", value);
                case "timeout" -> fields.put("timeoutMillis", value);
                case "expirationAt" -> fields.putIfSet("expiresAt", value);
                case "delayedTo" -> fields.putIfSet("deliverAt", value);
                case "reRoutedFrom", "sequence", "error" -> fields.putIfSet(name, value);
                default -> fields.put(name, value);
              }
            });
    return fields;
  }

  private static Object tags(Object text) {
    if (text instanceof String json && json.startsWith("{")) {
      Object parsed = Json.parse(json);
      return parsed == null ? Map.of() : parsed;
    }
    return Map.of();
  }

  /** One monitor for each channel, taken in turn. */
  private final class Monitors implements Exchange<String, Seen> {
    private static final String GREETING = " Broker connected.";

    private final List<Exchange<String, String>> monitors = new ArrayList<>();
    private int next;
    private boolean ended;

    Monitors(Management management) {
      for (String channel : channels) {
        Exchange<String, String> monitor = management.exactMonitor(kind, channel);
        monitors.add(monitor);
        monitor.send("start");
      }
    }

    @Override
    public boolean awaitReady(Duration wait) throws InterruptedException {
      for (Exchange<String, String> monitor : monitors) {
        String greeting = monitor.next(target().timeout());
        if (greeting == null || !greeting.endsWith(GREETING)) {
          throw CliException.failed("the broker did not start monitoring: " + greeting);
        }
      }
      return true;
    }

    @Override
    public @Nullable Seen next(Duration wait) throws InterruptedException {
      for (int i = 0; i < monitors.size(); i++) {
        int turn = (next + i) % monitors.size();
        boolean lastOfAll = i == monitors.size() - 1;
        String frame = monitors.get(turn).next(lastOfAll ? wait : Duration.ZERO);
        ended |= monitors.get(turn).ended();
        if (frame != null && frame.startsWith("{")) {
          Fields message = Json.parseObject(frame);
          if (isWanted(frame, message.text("body"))) {
            next = turn + 1;
            return new Seen(channels.get(turn), message);
          }
        }
      }
      next++;
      return null;
    }

    @Override
    public void send(String request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void finish() {}

    @Override
    public boolean ended() {
      return ended;
    }

    @Override
    public void close() {
      monitors.forEach(Exchange::close);
    }
  }
}
