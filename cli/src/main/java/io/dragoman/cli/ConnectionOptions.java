// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Address;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Contexts;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Target;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which broker: flags before the environment, before the context, before this machine. What a
 * source does not say is taken from the next.
 */
final class ConnectionOptions {
  static final int GRPC_PORT = 50000;
  static final int REST_PORT = 9090;
  static final int HTTP_PORT = 8080;
  private static final String LOCAL = "localhost";
  private static final int TIMEOUT_SECONDS = 10;

  /** How messages travel. */
  enum Transport {
    grpc,
    rest
  }

  @Option(
      names = {"--server", "--host"},
      paramLabel = "HOST[:PORT]",
      description = "The broker and its gRPC port (localhost:50000). Also: DRAGOMAN_SERVER.")
  private @Nullable String server;

  @Option(
      names = "--rest",
      paramLabel = "[HOST:]PORT",
      description = "Its REST port (9090), with --transport rest.")
  private @Nullable String rest;

  @Option(
      names = "--http",
      paramLabel = "[HOST:]PORT",
      description = "Its port for management and monitoring (8080).")
  private @Nullable String http;

  @Option(
      names = "--transport",
      paramLabel = "KIND",
      description = "How messages travel: grpc (default) or rest.")
  private @Nullable Transport transport;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "A broker from 'dragoman context list'. Also: DRAGOMAN_CONTEXT.")
  private @Nullable String context;

  @Option(
      names = "--client-id",
      paramLabel = "ID",
      description = "Who we are to the broker (a random name). Also: DRAGOMAN_CLIENT_ID.")
  private @Nullable String clientId;

  @Option(
      names = "--token",
      paramLabel = "JWT",
      description = "Sent as authorization. Rather use DRAGOMAN_TOKEN: others see arguments.")
  private @Nullable String token;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "How long an answer may take, for example 5, 500ms or 2m (10 s).")
  private @Nullable Duration timeout;

  /** The time given with --timeout. */
  @Nullable Duration timeout() {
    return timeout;
  }

  /** Everything as it is to be used. */
  Target target(Console console) {
    Fields settings = settings(console);
    String serverText = first(server, console.environment("DRAGOMAN_SERVER"), settings, "server");
    Address grpc = Address.parse(serverText, LOCAL, GRPC_PORT);
    boolean useRest =
        transport == null
            ? settings.text("transport").equals(Transport.rest.name())
            : transport == Transport.rest;
    String client =
        first(clientId, console.environment("DRAGOMAN_CLIENT_ID"), settings, "clientId");
    return new Target(
        grpc,
        Address.parse(first(rest, "", settings, "rest"), grpc.host(), REST_PORT),
        Address.parse(first(http, "", settings, "http"), grpc.host(), HTTP_PORT),
        useRest,
        first(token, console.environment("DRAGOMAN_TOKEN"), settings, "token"),
        client.isEmpty() ? randomClientId() : client,
        timeout == null ? Duration.ofSeconds(TIMEOUT_SECONDS) : timeout);
  }

  /**
   * A UUID would start the JDK's cryptography, which takes as long as the rest of such a command.
   */
  static String randomClientId() {
    return "dragoman-%08x".formatted(ThreadLocalRandom.current().nextInt());
  }

  /** Whether we are somebody the broker may know, and not somebody new. */
  boolean hasClientId(Console console) {
    return !first(
            clientId, console.environment("DRAGOMAN_CLIENT_ID"), settings(console), "clientId")
        .isEmpty();
  }

  /** A broker that was named outright is not mixed with the context of another. */
  private Fields settings(Console console) {
    String name = first(context, console.environment("DRAGOMAN_CONTEXT"), new Fields(), "");
    if (!name.isEmpty()) {
      return Contexts.load(console).get(name);
    }
    if (server != null || !console.environment("DRAGOMAN_SERVER").isEmpty()) {
      return new Fields();
    }
    Fields current = Contexts.load(console).currentSettings();
    return current == null ? new Fields() : current;
  }

  private static String first(
      @Nullable String flag, String environment, Fields settings, String name) {
    if (flag != null) {
      return flag;
    }
    return environment.isEmpty() ? settings.text(name) : environment;
  }

  /** What was given, as the settings of a context. */
  Fields asContext() {
    Fields settings = new Fields();
    put(settings, "server", server, GRPC_PORT);
    put(settings, "rest", rest, REST_PORT);
    put(settings, "http", http, HTTP_PORT);
    return settings
        .put("transport", transport == null ? null : transport.name())
        .put("clientId", clientId)
        .put("token", token);
  }

  private static void put(Fields settings, String name, @Nullable String text, int port) {
    if (text != null) {
      Address checked = Address.parse(text, LOCAL, port);
      settings.put(name, name.equals("server") ? checked.toString() : text);
    }
  }
}
