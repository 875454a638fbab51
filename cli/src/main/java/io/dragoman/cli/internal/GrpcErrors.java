// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import io.grpc.Status;
import java.time.Duration;

/** What went wrong with a gRPC call, in words that say what to do. */
final class GrpcErrors {
  private GrpcErrors() {}

  static CliException failure(Status status, Target target, Duration waited) {
    String text = String.valueOf(status.getDescription());
    if (status.getCode() == Status.Code.UNAVAILABLE) {
      return CliException.unreachable(
          isAnswer(text) ? text : Unreachable.text(target.grpc(), reason(status)));
    }
    return CliException.failed(
        switch (status.getCode()) {
          case DEADLINE_EXCEEDED ->
              "no answer from " + target.grpc() + " within " + Times.human(waited) + " (--timeout)";
          case UNIMPLEMENTED ->
              "the broker at " + target.grpc() + " does not know this call: " + text;
          case UNAUTHENTICATED, PERMISSION_DENIED ->
              text
                  + (target.token().isEmpty()
                      ? "\nNo token was sent: use --token, DRAGOMAN_TOKEN or a context."
                      : "");
          case CANCELLED -> "the call was cancelled: " + text;
          default -> status.getDescription() == null ? status.getCode().toString() : text;
        });
  }

  /** The broker is there and says itself that it cannot serve. */
  private static boolean isAnswer(String text) {
    return text.startsWith("Error ") || text.contains("not ready");
  }

  private static String reason(Status status) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains("refused")) {
        return "connection refused";
      }
      if (cause instanceof java.net.UnknownHostException) {
        return "there is no such host";
      }
      if (message.contains("timed out")) {
        return "no answer";
      }
    }
    return String.valueOf(status.getDescription());
  }
}
