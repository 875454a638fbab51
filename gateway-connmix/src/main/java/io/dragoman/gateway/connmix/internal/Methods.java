// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.core.BrokerError;
import io.dragoman.core.ConnectionCall;
import io.dragoman.core.Connections;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import io.dragoman.core.Result;
import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.json.JsonFrames;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What backends may ask for, whatever way it came (spec: connmix §3 and §4). Safe from any thread;
 * stages complete on any.
 */
final class Methods {
  private static final int NORMAL_CLOSURE = 1000;

  /** Codes that an endpoint may send: those of the protocol's, and those for applications. */
  private static final int APPLICATION_CODE_MIN = 3000;

  private static final int APPLICATION_CODE_MAX = 4999;

  private static final Set<String> NO_ARGUMENTS_NEEDED = Set.of("context", "close");

  /** What came of a request: a value, or why it was refused. */
  sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record Refused<T>(ApiError error) implements Outcome<T> {}
  }

  private final Connections connections;
  private final ConnmixOptions options;

  Methods(Connections connections, ConnmixOptions options) {
    this.connections = connections;
    this.options = options;
  }

  /** {@code mesh.send}: to one connection. */
  CompletionStage<Outcome<Boolean>> send(ApiParams params, Backend backend) {
    Long id = connectionId(params.target());
    if (id == null) {
      return options.publishesBySend() && params.target() != null
          ? publish(params, backend).thenApply(Methods::sent)
          : refused("c is to be a client's id");
    }
    if (!backend.mayReachConnections()) {
      return notAllowed(backend, "send to connections");
    }
    Payload payload = payload(params);
    if (payload.problem != null) {
      return refused(payload.problem);
    }
    return connections
        .send(id, payload.push("", backend))
        .thenApply(
            sent -> {
              if (sent instanceof Result.Refused<Boolean> no) {
                return failed(ApiError.SEND_FAILED, no.error());
              }
              return sent.orThrow()
                  ? new Outcome.Done<>(true)
                  : refusal(ApiError.SEND_FAILED, "the client does not take what it is sent");
            });
  }

  private static Outcome<Boolean> sent(Outcome<PublishCount> published) {
    return published instanceof Outcome.Refused<PublishCount> no
        ? new Outcome.Refused<>(no.error())
        : new Outcome.Done<>(true);
  }

  /** {@code mesh.publish}: to all members of a channel. */
  CompletionStage<Outcome<PublishCount>> publish(ApiParams params, Backend backend) {
    String channel = params.target();
    if (channel == null || channel.isEmpty()) {
      return refused("c is to be a channel");
    }
    if (!backend.mayPublish(channel)) {
      return notAllowed(backend, "publish to " + channel);
    }
    Payload payload = payload(params);
    if (payload.problem != null) {
      return refused(payload.problem);
    }
    if (!backend.takePublish(channel)) {
      return CompletableFuture.completedFuture(
          refusal(ApiError.NOT_ALLOWED, "the rate limit for this channel is used up"));
    }
    return connections
        .publish(payload.push(channel, backend))
        .thenApply(
            published ->
                published instanceof Result.Refused<PublishCount> no
                    ? failed(ApiError.SEND_FAILED, no.error())
                    : new Outcome.Done<>(published.orThrow()));
  }

  /** {@code conn.call}: gives the context afterwards. */
  CompletionStage<Outcome<Map<String, String>>> call(ApiParams params, Backend backend) {
    Long id = connectionId(params.target());
    String function = params.function();
    List<String> arguments = params.arguments();
    if (!backend.mayReachConnections()) {
      return notAllowed(backend, "call connections");
    }
    if (id == null) {
      return refused("c is to be a client's id");
    }
    if (function == null) {
      return refused("f is to be a function's name");
    }
    if (arguments == null && NO_ARGUMENTS_NEEDED.contains(function)) {
      arguments = List.of();
    }
    if (arguments == null) {
      return refused("a is to be a list of arguments");
    }
    Outcome<ConnectionCall> meant;
    try {
      meant = call(function, arguments);
    } catch (IOException e) {
      return refused("the arguments of " + function + " are of another type");
    }
    if (meant instanceof Outcome.Refused<ConnectionCall> no) {
      return CompletableFuture.completedFuture(new Outcome.Refused<>(no.error()));
    }
    return connections
        .call(id, ((Outcome.Done<ConnectionCall>) meant).value())
        .thenApply(
            called ->
                called instanceof Result.Refused<Map<String, String>> no
                    ? failed(ApiError.CALL_FAILED, no.error())
                    : new Outcome.Done<>(called.orThrow()));
  }

  private static Outcome<ConnectionCall> call(String function, List<String> arguments)
      throws IOException {
    return switch (function) {
      case "set_context_value" -> {
        if (arguments.size() != 2) {
          throw new IOException("not two arguments");
        }
        yield new Outcome.Done<>(
            new ConnectionCall.SetContext(Map.of(text(arguments.get(0)), arguments.get(1))));
      }
      case "set_context" -> {
        if (arguments.size() != 1) {
          throw new IOException("not one argument");
        }
        yield new Outcome.Done<>(new ConnectionCall.SetContext(members(arguments.get(0))));
      }
      case "subscribe" -> channels(arguments, true);
      case "unsubscribe" -> channels(arguments, false);
      case "context" -> new Outcome.Done<>(new ConnectionCall.ReadContext());
      case "close" -> close(arguments);
      default -> refusal(ApiError.CALL_FAILED, "unknown function " + function);
    };
  }

  private static Outcome<ConnectionCall> channels(List<String> arguments, boolean subscribe)
      throws IOException {
    if (arguments.isEmpty()) {
      throw new IOException("no channel");
    }
    List<String> channels = new ArrayList<>(arguments.size());
    for (String each : arguments) {
      String channel = text(each);
      if (channel.indexOf(' ') >= 0) {
        return refusal(ApiError.CALL_FAILED, "a channel's name has no blanks");
      }
      channels.add(channel);
    }
    return new Outcome.Done<>(
        subscribe
            ? new ConnectionCall.Subscribe(channels)
            : new ConnectionCall.Unsubscribe(channels));
  }

  private static Outcome<ConnectionCall> close(List<String> arguments) throws IOException {
    int code = arguments.isEmpty() ? NORMAL_CLOSURE : integer(arguments.get(0));
    String reason = arguments.size() < 2 ? "" : text(arguments.get(1));
    boolean sendable =
        code == NORMAL_CLOSURE || code >= APPLICATION_CODE_MIN && code <= APPLICATION_CODE_MAX;
    if (!sendable || arguments.size() > 2) {
      throw new IOException("no such code");
    }
    return new Outcome.Done<>(new ConnectionCall.Close(code, reason));
  }

  private static String text(String json) throws IOException {
    try (JsonParser parser = JsonFrames.factory().createParser(json)) {
      if (parser.nextToken() != JsonToken.VALUE_STRING || parser.getText().isEmpty()) {
        throw new IOException("no text");
      }
      return JsonValues.wellFormed(parser.getText());
    }
  }

  private static int integer(String json) throws IOException {
    try (JsonParser parser = JsonFrames.factory().createParser(json)) {
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new IOException("no number");
      }
      return parser.getIntValue();
    }
  }

  /** The members of an object; none of an empty list, which is what PHP makes of no members. */
  private static Map<String, String> members(String json) throws IOException {
    Map<String, String> members = new LinkedHashMap<>();
    try (JsonParser parser = JsonFrames.open(Unpooled.copiedBuffer(json, StandardCharsets.UTF_8))) {
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        if (parser.nextToken() != JsonToken.END_ARRAY) {
          throw new IOException("a list");
        }
        return members;
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        members.put(name, JsonValues.compact(parser));
      }
      return members;
    }
  }

  /** A client's id, which is 64 bits, from a text or a number; null when it is none. */
  private static @Nullable Long connectionId(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      long id = Long.parseLong(text);
      return id > 0 ? id : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** What is to be pushed, or what is wrong with it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Payload(byte[] body, boolean binary, @Nullable String problem) {
    Push push(String channel, Backend backend) {
      return new Push(
          Message.builder().channel(channel).clientId(backend.name()).body(body).build(), binary);
    }
  }

  private static Payload payload(ApiParams params) {
    String data = params.data();
    String type = params.type();
    if (data == null) {
      return new Payload(new byte[0], false, "d is missing");
    }
    if (type == null || type.equals("text")) {
      return new Payload(data.getBytes(StandardCharsets.UTF_8), false, null);
    }
    if (!type.equals("binary")) {
      return new Payload(new byte[0], false, "t is to be text or binary");
    }
    try {
      return new Payload(Base64.getDecoder().decode(data), true, null);
    } catch (IllegalArgumentException e) {
      return new Payload(new byte[0], false, "d is to be base64, as t says");
    }
  }

  private static <T> CompletionStage<Outcome<T>> refused(String problem) {
    return CompletableFuture.completedFuture(new Outcome.Refused<>(ApiError.invalid(problem)));
  }

  private static <T> CompletionStage<Outcome<T>> notAllowed(Backend backend, String what) {
    return CompletableFuture.completedFuture(
        refusal(
            ApiError.NOT_ALLOWED,
            backend.writes()
                ? "the token does not open this: " + what
                : "this account may only read"));
  }

  private static <T> Outcome<T> refusal(int code, String text) {
    return new Outcome.Refused<>(new ApiError(code, text));
  }

  /** A refusal of the core: a name or size is the asker's fault, all else the call's. */
  private static <T> Outcome<T> failed(int code, BrokerError error) {
    boolean invalid =
        error.code().category() == ErrorCode.Category.INVALID
            || error.code() == ErrorCode.TOO_LARGE;
    return refusal(invalid ? ApiError.INVALID_ARGUMENT : code, error.detail());
  }
}
