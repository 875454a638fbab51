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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
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
      "  send [QUEUE] BODY acknowledge it and send this instead (same queue if BODY is one word);",
      "                    @FILE as BODY sends a file (@@text begins with an @)",
      "  abort             leave; the message goes back to the queue",
      "",
      "Examples:",
      "  dragoman queues stream orders",
      "  dragoman queues stream orders --then ack",
      "  dragoman queues stream orders --then 'extend 60' --then 'resend orders.later'",
      "  dragoman queues stream images --then 'send images @smaller.png'",
      "  echo reject | dragoman queues stream orders"
    })
final class QueueStreamCommand extends BrokerCommand {
  private static final String ABORT = "abort";

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
  private List<String> given = new ArrayList<>();

  QueueStreamCommand(Console console) {
    super(console);
  }

  /**
   * What becomes of the message: a word, and what stands behind it, which may have any bytes, as a
   * body may.
   */
  private record Step(String word, ByteString rest) {

    static Step of(ByteString line) {
      ByteString step = withoutBlanksBefore(line);
      int end = blank(step);
      String word = step.substring(0, end).toStringUtf8().strip().toLowerCase(Locale.ROOT);
      return new Step(
          switch (word) {
            case "a" -> "ack";
            case "r" -> "reject";
            case "e" -> "extend";
            default -> word;
          },
          withoutBlanksBefore(step.substring(end)));
    }

    String text() {
      return rest.toStringUtf8().strip();
    }

    /** The first word of the rest. */
    ByteString first() {
      return rest.substring(0, blank(rest));
    }

    /** What stands behind that and a blank, as it is; empty if there are only blanks. */
    ByteString behindFirst() {
      ByteString behind = rest.substring(blank(rest));
      return withoutBlanksBefore(behind).isEmpty() ? ByteString.EMPTY : behind.substring(1);
    }

    /** Where the first blank is, or the end. */
    private static int blank(ByteString bytes) {
      int at = 0;
      while (at < bytes.size() && bytes.byteAt(at) != ' ') {
        at++;
      }
      return at;
    }

    private static ByteString withoutBlanksBefore(ByteString bytes) {
      int at = 0;
      while (at < bytes.size() && (bytes.byteAt(at) == ' ' || bytes.byteAt(at) == '\t')) {
        at++;
      }
      return bytes.substring(at);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    Deque<Step> steps = new ArrayDeque<>();
    given.forEach(text -> steps.add(Step.of(ByteString.copyFromUtf8(text))));
    steps.forEach(this::checkStep);
    Output output = output();
    try (Broker broker = connect();
        Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream =
            broker.queueStream()) {
      QueueMessage message = receive(stream);
      Output.Records records = output.messageStream();
      records.add(MessageFields.of(message));
      return settle(stream, message, steps, output);
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
      Deque<Step> steps,
      Output output)
      throws InterruptedException {
    InputLines lines = new InputLines(console().in(), new SendArguments());
    while (true) {
      Step step = next(steps, lines);
      if (step.word().equals(ABORT)) {
        output.result(
            new Fields().put("step", "abort").put("sequence", sequence(message)),
            "left; the message goes back to the queue");
        return DONE;
      }
      StreamQueueMessagesRequest request;
      try {
        request = stepRequest(step, message);
      } catch (CliException e) {
        if (!console().inIsTerminal() || !given.isEmpty()) {
          throw e;
        }
        console().err().println(e.text());
        continue;
      }
      stream.send(request);
      answer(stream, Duration.ZERO);
      output.result(
          new Fields().put("step", step.word()).put("sequence", sequence(message)), sentence(step));
      if (!step.word().equals("extend")) {
        return DONE;
      }
    }
  }

  private static long sequence(QueueMessage message) {
    return message.getAttributes().getSequence();
  }

  /** The next step; when there is none left the message is given back. */
  private Step next(Deque<Step> steps, InputLines lines) {
    Step abort = new Step(ABORT, ByteString.EMPTY);
    if (!given.isEmpty()) {
      Step step = steps.poll();
      return step == null ? abort : step;
    }
    if (console().inIsTerminal()) {
      console().err().print("ack, reject, extend TIME, resend QUEUE, send [QUEUE] BODY, abort? ");
      console().err().flush();
    }
    return lines.hasNext() ? Step.of(lines.next()) : abort;
  }

  private void checkStep(Step step) {
    if (!step.word().equals(ABORT)) {
      stepRequest(step, QueueMessage.getDefaultInstance());
    }
  }

  private StreamQueueMessagesRequest stepRequest(Step step, QueueMessage message) {
    return switch (step.word()) {
      case "ack" -> request(StreamRequestType.AckMessage).setRefSequence(sequence(message)).build();
      case "reject" ->
          request(StreamRequestType.RejectMessage).setRefSequence(sequence(message)).build();
      case "extend" ->
          request(StreamRequestType.ModifyVisibility)
              .setVisibilitySeconds(extension(step.text()))
              .build();
      case "resend" -> {
        need(step, "resend needs a queue");
        yield request(StreamRequestType.ResendMessage).setChannel(step.text()).build();
      }
      case "send" -> {
        need(step, "send needs a body");
        yield request(StreamRequestType.SendModifiedMessage)
            .setModifiedMessage(modified(step, message))
            .build();
      }
      default ->
          throw CliException.usage(
              "'" + step.word() + "' is no step; use ack, reject, extend, resend, send or abort");
    };
  }

  private static void need(Step step, String text) {
    if (step.rest().isEmpty()) {
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
  private QueueMessage modified(Step step, QueueMessage message) {
    boolean here = step.behindFirst().isEmpty();
    return QueueMessage.newBuilder()
        .setClientID(target().clientId())
        .setChannel(here ? channel : step.first().toStringUtf8())
        .setMetadata(message.getMetadata())
        .putAllTags(message.getTagsMap())
        .setBody(body(here ? step.first() : step.behindFirst()))
        .build();
  }

  private static ByteString body(ByteString given) {
    if (given.isEmpty() || given.byteAt(0) != '@') {
      return given;
    }
    ByteString named = given.substring(1);
    return !named.isEmpty() && named.byteAt(0) == '@' ? named : file(named.toStringUtf8());
  }

  private static ByteString file(String name) {
    try {
      Path path = Path.of(name);
      if (Files.size(path) > SendArguments.BODY_BYTES_MAX) {
        throw CliException.usage("a body has at most 100 MiB");
      }
      return ByteString.copyFrom(Files.readAllBytes(path));
    } catch (NoSuchFileException | InvalidPathException e) {
      throw CliException.usage(name + ": there is no such file");
    } catch (IOException e) {
      throw CliException.failed(name + ": " + e.getMessage());
    }
  }

  private static String sentence(Step step) {
    return switch (step.word()) {
      case "ack" -> "acknowledged";
      case "reject" -> "rejected";
      case "extend" -> "extended";
      case "resend" -> "resent to " + step.text();
      default -> "acknowledged, and sent the other";
    };
  }
}
