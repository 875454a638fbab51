// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** HTTP to one listener of a broker. Made with the first call. Safe from any thread. */
final class Http {

  /** What came back. */
  record Answer(int status, String text) {}

  private final Address address;
  private final Target target;
  private final HttpClient client;

  Http(Address address, Target target) {
    this.address = address;
    this.target = target;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(target.timeout())
            .build();
  }

  /** {@code name=value&…}, percent-encoded. */
  static String query(Map<String, String> parameters) {
    List<String> pairs = new ArrayList<>();
    parameters.forEach((name, value) -> pairs.add(encoded(name) + "=" + encoded(value)));
    return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Sends a request and waits.
   *
   * @param wait how long the call itself waits
   * @throws CliException when there is no answer
   */
  Answer send(
      String path, Duration wait, Function<HttpRequest.Builder, HttpRequest.Builder> method) {
    Duration limit = target.timeout().plus(wait);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(limit);
    if (!target.token().isEmpty()) {
      request.header("Authorization", "Bearer " + target.token());
    }
    try {
      HttpResponse<String> response =
          client.send(
              method.apply(request).build(),
              HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Answer(response.statusCode(), response.body());
    } catch (HttpConnectTimeoutException e) {
      throw CliException.unreachable(Unreachable.text(address, "no answer"));
    } catch (HttpTimeoutException e) {
      throw CliException.failed(
          "no answer from " + address + " within " + Times.human(limit) + " (--timeout)");
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    }
  }

  /** Opens a WebSocket, each of whose messages is read by the given function. */
  <Q, R> WebSocketExchange<Q, R> webSocket(
      String path, Function<Q, String> writer, Function<String, R> reader) {
    WebSocketExchange<Q, R> exchange = new WebSocketExchange<>(address, writer, reader);
    java.net.http.WebSocket.Builder builder =
        client.newWebSocketBuilder().connectTimeout(target.timeout());
    if (!target.token().isEmpty()) {
      builder.header("Authorization", "Bearer " + target.token());
    }
    try {
      exchange.opened(
          builder.buildAsync(URI.create("ws://" + address + path), exchange.listener()).get());
      return exchange;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof java.net.http.WebSocketHandshakeException refused) {
        throw refused(refused.getResponse());
      }
      throw unreachable(cause == null ? e : cause);
    }
  }

  private CliException refused(HttpResponse<?> response) {
    String text = response.body() instanceof String body ? body.strip() : "";
    if (text.startsWith("{")) {
      // KubeMQ's envelope, or a problem document.
      Fields refusal = Json.parseObject(text);
      text = refusal.has("message") ? refusal.text("message") : refusal.text("detail");
    }
    return CliException.failed(
        text.isEmpty()
            ? "the broker at "
                + address
                + " refused this subscription with HTTP status "
                + response.statusCode()
            : text);
  }

  private CliException unreachable(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return CliException.unreachable(Unreachable.text(address, "there is no such host"));
      }
    }
    String reason =
        e instanceof ConnectException ? "connection refused" : String.valueOf(e.getMessage());
    return CliException.unreachable(Unreachable.text(address, reason));
  }
}
