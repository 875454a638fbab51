// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Channels;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Channel management as newer clients ask for it: queries on a channel of the server's own, with
 * what is wanted in the metadata and tags (spec: kubemq §3.5). What is refused is told within an
 * answer that was not executed. Safe from any thread.
 */
final class ChannelRequests {
  /** The channel. Nothing else is intercepted, whatever its name begins with. */
  static final String CHANNEL = "kubemq.cluster.internal.requests";

  private static final byte[] NO_BODY = {};

  private final GatewayContext context;
  private final Channels channels;
  private final ChannelList list;

  ChannelRequests(GatewayContext context) {
    this.context = context;
    this.channels = context.broker().channels();
    this.list = new ChannelList(context.broker(), context.largeBodies().threads());
  }

  static boolean isMeant(String channel) {
    return channel.equals(CHANNEL);
  }

  /** The kind of channel that a request would make or delete; null if it would not. */
  static @Nullable Kind changedKind(Inputs.Request request) {
    String wanted = request.message().metadata();
    ChannelType type = ChannelType.of(tag(request, "channel_type"));
    boolean changes = wanted.equals("create-channel") || wanted.equals("delete-channel");
    return changes && type != null ? type.kind() : null;
  }

  /** The channel that a request is about; empty if it does not say. */
  static String channel(Inputs.Request request) {
    return tag(request, "channel");
  }

  /** An answer on its way that nothing is held for. */
  private record Answer(CompletionStage<Result<Response>> result) implements Call<Response> {
    @Override
    public void cancel() {
      // What was asked for is done all the same, as with any other request.
    }
  }

  Call<Response> answer(Inputs.Request request) {
    CompletionStage<Result<byte[]>> done =
        switch (request.message().metadata()) {
          case "create-channel" -> create(request);
          case "delete-channel" -> delete(request);
          case "list-channels" -> list(request);
          default -> refused("unknown request " + request.message().metadata());
        };
    return new Answer(done.thenApply(outcome -> Result.ok(response(request, outcome))));
  }

  private CompletionStage<Result<byte[]>> create(Inputs.Request request) {
    Wanted wanted = wanted(request);
    // Making what is there already succeeds: clients make their channels whenever they start.
    return wanted.error != null
        ? refused(wanted.error)
        : channels
            .create(wanted.type().kind(), wanted.channel)
            .thenApply(outcome -> outcome.map(made -> NO_BODY));
  }

  private CompletionStage<Result<byte[]>> delete(Inputs.Request request) {
    Wanted wanted = wanted(request);
    return wanted.error != null
        ? refused(wanted.error)
        : channels
            .delete(wanted.type().kind(), wanted.channel)
            .thenApply(outcome -> deleted(wanted, outcome));
  }

  private static Result<byte[]> deleted(Wanted wanted, Result<Boolean> outcome) {
    if (outcome instanceof Result.Ok<Boolean> ok && !ok.value()) {
      return Result.refused(
          ErrorCode.NOT_FOUND,
          "there is no channel " + wanted.channel + " of type " + wanted.type().word());
    }
    return outcome.map(gone -> NO_BODY);
  }

  private CompletionStage<Result<byte[]>> list(Inputs.Request request) {
    String word = tag(request, "channel_type");
    ChannelType type = ChannelType.of(word);
    return type == null
        ? refused(unknownType(word))
        : list.json(type, tag(request, "channel_search"));
  }

  /** The channel that a request is about, or what is wrong with it. */
  private record Wanted(@Nullable ChannelType known, String channel, @Nullable String error) {
    ChannelType type() {
      return Objects.requireNonNull(known);
    }
  }

  private static Wanted wanted(Inputs.Request request) {
    String word = tag(request, "channel_type");
    String channel = channel(request);
    ChannelType type = ChannelType.of(word);
    if (type == null) {
      return new Wanted(null, channel, unknownType(word));
    }
    KubemqError error = Checks.channelName(channel);
    if (error == null && isMeant(channel)) {
      error = KubemqError.INTERNAL_CHANNEL;
    }
    return new Wanted(type, channel, error == null ? null : error.text());
  }

  private static String unknownType(String word) {
    return word.isEmpty() ? "the tag channel_type is missing" : "unsupported channel type " + word;
  }

  private static String tag(Inputs.Request request, String name) {
    return request.message().tags().getOrDefault(name, "");
  }

  private static CompletionStage<Result<byte[]>> refused(String error) {
    return CompletableFuture.completedFuture(Result.refused(ErrorCode.INVALID_ARGUMENT, error));
  }

  private Response response(Inputs.Request request, Result<byte[]> outcome) {
    byte[] body = outcome instanceof Result.Ok<byte[]> ok ? ok.value() : NO_BODY;
    Message message =
        Message.builder()
            .id(request.message().id())
            .clientId(context.options().hostName())
            .body(body)
            .build();
    return new Response(
        message, 0, outcome.isOk(), KubemqErrorMapper.text(outcome), false, request.span());
  }
}
