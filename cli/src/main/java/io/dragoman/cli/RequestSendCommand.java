// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Format;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Times;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends a request and waits for its response. */
@Command
abstract class RequestSendCommand extends BrokerCommand {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Mixin private SendArguments body = new SendArguments();

  @Option(
      names = {"-m", "--metadata"},
      paramLabel = "TEXT",
      description = "Goes with the body.")
  private String metadata = "";

  @Option(
      names = "-o",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Wait so long for the answer (30 s). --timeout does the same.")
  private @Nullable Duration answerWait;

  @Option(names = "--id", paramLabel = "ID", description = "The request's id (one is made up).")
  private String id = "";

  private final RequestType type;

  RequestSendCommand(Console console, RequestType type) {
    super(console);
    this.type = type;
  }

  /** What only one of both kinds has. */
  void complete(Request.Builder request) {}

  @Override
  public Integer call() {
    Request.Builder request =
        Request.newBuilder()
            .setRequestID(id)
            .setRequestTypeData(type)
            .setClientID(target().clientId())
            .setChannel(body.channel())
            .setMetadata(metadata)
            .setBody(body.read(console()))
            .putAllTags(body.tags())
            .setTimeout((int) Math.min(Integer.MAX_VALUE, answerWait().toMillis()));
    complete(request);
    Response response;
    long began = System.nanoTime();
    try (Broker broker = connect()) {
      response = broker.request(request.build());
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    show(response, took);
    if (!response.getExecuted()) {
      throw CliException.failed(
          response.getError().isEmpty() ? "it was not executed" : response.getError());
    }
    return DONE;
  }

  private Duration answerWait() {
    Duration limit = answerWait == null ? connection().timeout() : answerWait;
    return limit == null ? TIMEOUT : limit;
  }

  private void show(Response response, Duration took) {
    Output output = output();
    Fields fields =
        MessageFields.of(response).put("channel", body.channel()).put("millis", took.toMillis());
    if (output.format() == Format.table) {
      if (type == RequestType.Query && response.getExecuted()) {
        Output.Records records = output.messages();
        records.add(MessageFields.of(response).put("channel", body.channel()));
        records.done();
      } else if (response.getExecuted()) {
        output.result(fields, "executed by " + response.getClientID() + " in " + Times.human(took));
      }
    } else {
      output.result(fields, "");
    }
  }
}
