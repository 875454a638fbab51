// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends a query. */
@Command(name = "send", aliases = "s")
final class QuerySendCommand extends RequestSendCommand {
  @Option(
      names = {"-c", "--cache-key"},
      paramLabel = "KEY",
      description = "Take the answer that the broker has under this key, or keep the new one.")
  private String cacheKey = "";

  @Option(
      names = {"-d", "--cache-duration"},
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Keep it so long (10 min).")
  private Duration cacheDuration = Duration.ofMinutes(10);

  QuerySendCommand(Console console) {
    super(console, RequestType.Query);
  }

  @Override
  void complete(Request.Builder request) {
    if (!cacheKey.isEmpty()) {
      request.setCacheKey(cacheKey).setCacheTTL(Converters.seconds(cacheDuration));
    }
  }
}
