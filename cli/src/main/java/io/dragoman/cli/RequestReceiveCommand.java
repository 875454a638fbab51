// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Subscribe;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers requests. */
@Command(
    name = "receive",
    aliases = {"r", "rec", "subscribe", "sub"})
final class RequestReceiveCommand extends BrokerCommand {
  @Parameters(paramLabel = "CHANNEL", description = "A channel, or a pattern with * and >.")
  private String channel = "";

  @Option(
      names = {"-g", "--group"},
      paramLabel = "NAME",
      description = "Share with all of this group: each request to one of them.")
  private String group = "";

  @ArgGroup(exclusive = true)
  private Answer answer = new Answer();

  @Mixin private Following following = new Following();

  private final RequestType type;
  private @Nullable BufferedReader lines;

  RequestReceiveCommand(Console console, RequestType type) {
    super(console);
    this.type = type;
  }

  /** How to answer; one of these. */
  static final class Answer {
    @Option(
        names = {"-a", "--auto-response"},
        description = "Executed; to a query its own body is sent back.")
    private boolean auto;

    @Option(names = "--reply", paramLabel = "TEXT", description = "Executed, with this body.")
    private @Nullable String reply;

    @Option(names = "--reject", paramLabel = "TEXT", description = "Not executed, with this error.")
    private @Nullable String reject;

    @Option(names = "--no-answer", description = "Only show them.")
    private boolean none;
  }

  @Override
  public Integer call() {
    Output output = output();
    Subscribe subscription =
        Subscribe.newBuilder()
            .setSubscribeTypeData(
                type == RequestType.Query
                    ? Subscribe.SubscribeType.Queries
                    : Subscribe.SubscribeType.Commands)
            .setClientID(target().clientId())
            .setChannel(channel)
            .setGroup(group)
            .build();
    Output.Records records = output.messageStream();
    try (Broker broker = connect()) {
      following.<Request>run(
          () -> broker.subscribeToRequests(subscription),
          "waiting for requests on " + channel + "; Ctrl-C ends",
          output,
          request -> {
            records.add(MessageFields.of(request));
            if (!answer.none) {
              Response response = response(request);
              following.finish(() -> broker.respond(response));
            }
          });
    }
    return DONE;
  }

  private Response response(Request request) {
    Response.Builder response =
        Response.newBuilder()
            .setClientID(target().clientId())
            .setRequestID(request.getRequestID())
            .setReplyChannel(request.getReplyChannel())
            .setTimestamp(timestamp());
    String rejection = answer.reject;
    if (rejection != null) {
      return response.setError(rejection).build();
    }
    return response.setExecuted(true).setBody(reply(request)).build();
  }

  /** Nanoseconds over gRPC and seconds over REST, as KubeMQ's own clients send it. */
  private long timestamp() {
    Instant now = Instant.now();
    return target().useRest()
        ? now.getEpochSecond()
        : now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private ByteString reply(Request request) {
    String fixed = answer.reply;
    if (fixed != null) {
      return ByteString.copyFromUtf8(fixed);
    }
    return answer.auto ? request.getBody() : ByteString.copyFrom(line(), StandardCharsets.UTF_8);
  }

  private String line() {
    if (console().inIsTerminal()) {
      console().err().print("Answer (Enter: executed): ");
      console().err().flush();
    }
    BufferedReader reader = lines;
    if (reader == null) {
      reader = new BufferedReader(new InputStreamReader(console().in(), StandardCharsets.UTF_8));
      lines = reader;
    }
    try {
      return interruptibly(reader::readLine)
          .orElseThrow(
              () ->
                  CliException.failed(
                      "there is no further line on standard input to answer with; use"
                          + " --auto-response, --reply or --reject"));
    } catch (ExecutionException e) {
      throw CliException.failed("standard input cannot be read: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    }
  }

  /** Reading cannot be interrupted, so another thread does it, which does not keep the process. */
  private static Optional<String> interruptibly(Callable<@Nullable String> reading)
      throws ExecutionException, InterruptedException {
    FutureTask<Optional<String>> line = new FutureTask<>(() -> Optional.ofNullable(reading.call()));
    Thread reader = new Thread(line, "standard input");
    reader.setDaemon(true);
    reader.start();
    return line.get();
  }
}
