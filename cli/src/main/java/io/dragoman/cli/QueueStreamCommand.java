// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Times;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.StreamRequestType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes one message and settles it as the user says, step by step. */
@Command(
    name = "stream",
    aliases = "st",
    description =
        "Take one message, look at it, and say what becomes of it. Until then nobody else gets it."
            + " Steps are asked for at a terminal, given with --then, or read from standard input.",
    footer = {
      "",
      "Steps:",
      "  ack               done with it",
      "  reject            back to the queue, or to its dead letters",
      "  extend TIME       hold it so much longer",
      "  resend QUEUE      put it into another queue",
      "  send [QUEUE] BODY acknowledge it and send this instead (same queue if BODY is one word)",
      "  abort             leave; the message goes back to the queue",
      "",
      "Examples:",
      "  dragoman queues stream orders",
      "  dragoman queues stream orders --then ack",
      "  dragoman queues stream orders --then 'extend 60' --then 'resend orders.later'",
      "  echo reject | dragoman queues stream orders"
    })
final class QueueStreamCommand extends BrokerCommand {
  @Parameters(paramLabel = "QUEUE", description = "The queue.")
  private String channel = "";

  @Option(
      names = {"-v", "--visibility"},
      paramLabel = "TIME",
      defaultValue = "30",
      converter = Converters.Time.class,
      description = "Hold the message so long (30 s).")
  private Duration visibility = Duration.ofSeconds(30);

  @Option(
      names = {"-w", "--wait-timeout", "--wait"},
      paramLabel = "TIME",
      defaultValue = "60",
      converter = Converters.Time.class,
      description = "Wait so long for one (60 s).")
  private Duration wait = Duration.ofSeconds(60);

  @Option(names = "--then", paramLabel = "STEP", description = "A step; may be repeated.")
  private List<String> steps = new ArrayList<>();

  QueueStreamCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Deque<String> given = new ArrayDeque<>(steps);
    steps.forEach(this::checkStep);
    Output output = output();
    try (Broker broker = connect();
        Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream =
            broker.queueStream()) {
      QueueMessage message = receive(stream);
      Output.Records records = output.messageStream();
      records.add(MessageFields.of(message));
      return settle(stream, message, given, output);
    }
  }

  private QueueMessage receive(
      Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream)
      throws InterruptedException {
    stream.send(
        request(StreamRequestType.ReceiveMessage)
            .setVisibilitySeconds(Converters.seconds(visibility))
            .setWaitTimeSeconds(Converters.seconds(wait))
            .build());
    return answer(stream, wait).getMessage();
  }

  private StreamQueueMessagesRequest.Builder request(StreamRequestType type) {
    return StreamQueueMessagesRequest.newBuilder()
        .setClientID(target().clientId())
        .setStreamRequestTypeData(type)
        .setChannel(channel);
  }

  private StreamQueueMessagesResponse answer(
      Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream, Duration wait)
      throws InterruptedException {
    Duration limit = wait.plus(target().timeout());
    StreamQueueMessagesResponse answer = stream.next(limit);
    if (answer == null) {
      throw CliException.failed(
          stream.ended()
              ? "the broker ended the stream; the message is in the queue again"
              : "no answer within " + Times.human(limit) + " (--timeout)");
    }
    if (answer.getIsError()) {
      throw CliException.failed(answer.getError());
    }
    return answer;
  }

  private int settle(
      Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream,
      QueueMessage message,
      Deque<String> given,
      Output output)
      throws IOException, InterruptedException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(console().in(), StandardCharsets.UTF_8));
    while (true) {
      String step = next(given, lines);
      String word = word(step);
      if (word.equals("abort")) {
        output.result(
            new Fields().put("step", "abort").put("sequence", sequence(message)),
            "left; the message goes back to the queue");
        return DONE;
      }
      StreamQueueMessagesRequest request;
      try {
        request = stepRequest(step, message);
      } catch (CliException e) {
        if (!console().inIsTerminal() || !steps.isEmpty()) {
          throw e;
        }
        console().err().println(e.text());
        continue;
      }
      stream.send(request);
      answer(stream, Duration.ZERO);
      output.result(
          new Fields().put("step", word).put("sequence", sequence(message)), sentence(word, step));
      if (!word.equals("extend")) {
        return DONE;
      }
    }
  }

  private static long sequence(QueueMessage message) {
    return message.getAttributes().getSequence();
  }

  /** The next step; when there is none left the message is given back. */
  private String next(Deque<String> given, BufferedReader lines) throws IOException {
    if (!steps.isEmpty()) {
      String step = given.poll();
      return step == null ? "abort" : step;
    }
    if (console().inIsTerminal()) {
      console().err().print("ack, reject, extend TIME, resend QUEUE, send [QUEUE] BODY, abort? ");
      console().err().flush();
    }
    @Nullable String line = lines.readLine();
    return line == null ? "abort" : line.strip();
  }

  private static String word(String step) {
    int end = step.indexOf(' ');
    String word = (end < 0 ? step : step.substring(0, end)).toLowerCase(Locale.ROOT);
    return switch (word) {
      case "a" -> "ack";
      case "r" -> "reject";
      case "e" -> "extend";
      default -> word;
    };
  }

  private static String rest(String step) {
    int end = step.indexOf(' ');
    return end < 0 ? "" : step.substring(end + 1).strip();
  }

  private void checkStep(String step) {
    if (!word(step).equals("abort")) {
      stepRequest(step, QueueMessage.getDefaultInstance());
    }
  }

  private StreamQueueMessagesRequest stepRequest(String step, QueueMessage message) {
    String rest = rest(step);
    return switch (word(step)) {
      case "ack" -> request(StreamRequestType.AckMessage).setRefSequence(sequence(message)).build();
      case "reject" ->
          request(StreamRequestType.RejectMessage).setRefSequence(sequence(message)).build();
      case "extend" ->
          request(StreamRequestType.ModifyVisibility).setVisibilitySeconds(extension(rest)).build();
      case "resend" -> {
        need(rest, "resend needs a queue");
        yield request(StreamRequestType.ResendMessage).setChannel(rest).build();
      }
      case "send" -> {
        need(rest, "send needs a body");
        yield request(StreamRequestType.SendModifiedMessage)
            .setModifiedMessage(modified(rest, message))
            .build();
      }
      default ->
          throw CliException.usage(
              "'" + step + "' is no step; use ack, reject, extend, resend, send or abort");
    };
  }

  private static void need(String rest, String text) {
    if (rest.isEmpty()) {
      throw CliException.usage(text);
    }
  }

  private int extension(String rest) {
    try {
      return Converters.seconds(rest.isEmpty() ? visibility : new Converters.Time().convert(rest));
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** One word is a body for the same queue; of more the first is the queue. */
  private QueueMessage modified(String rest, QueueMessage message) {
    int end = rest.indexOf(' ');
    return QueueMessage.newBuilder()
        .setClientID(target().clientId())
        .setChannel(end < 0 ? channel : rest.substring(0, end))
        .setMetadata(message.getMetadata())
        .putAllTags(message.getTagsMap())
        .setBody(ByteString.copyFromUtf8(end < 0 ? rest : rest.substring(end + 1).strip()))
        .build();
  }

  private static String sentence(String word, String step) {
    return switch (word) {
      case "ack" -> "acknowledged";
      case "reject" -> "rejected";
      case "extend" -> "extended";
      case "resend" -> "resent to " + rest(step);
      default -> "acknowledged, and sent the other";
    };
  }
}
