// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.Broker;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code /v1/channels}: channels of every kind, listed, made and deleted. */
final class ChannelRoutes {
  private final Broker broker;
  private final Background background;

  ChannelRoutes(Broker broker, Background background) {
    this.broker = broker;
    this.background = background;
  }

  void list(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, "kind", "contains", "after", "max");
    Kind kind = asked.kind();
    int max = asked.max();
    List<Kind> kinds = kind == null ? List.of(Kind.values()) : List.of(kind);
    String containing = asked.text("contains");
    String after = asked.text("after");
    background.answer(
        exchange,
        () -> overview(kinds, containing),
        all -> page(exchange, Page.of(sorted(all), ChannelRoutes::place, after, max)));
  }

  private CompletionStage<Result<List<ChannelOverview>>> overview(
      List<Kind> kinds, String containing) {
    CompletionStage<Result<List<ChannelOverview>>> all =
        CompletableFuture.completedFuture(Result.ok(new ArrayList<>()));
    for (Kind kind : kinds) {
      all =
          all.thenCombine(
              broker.channels().overview(kind, containing),
              (before, of) -> of.isOk() && before.isOk() ? joined(before, of) : of);
    }
    return all;
  }

  private static Result<List<ChannelOverview>> joined(
      Result<List<ChannelOverview>> before, Result<List<ChannelOverview>> more) {
    before.orThrow().addAll(more.orThrow());
    return before;
  }

  private static List<ChannelOverview> sorted(List<ChannelOverview> channels) {
    channels.sort(Comparator.comparing(ChannelRoutes::place));
    return channels;
  }

  /** What orders the list, and says where a page ended. */
  private static String place(ChannelOverview channel) {
    return channel.kind().label() + "/" + channel.name();
  }

  private void page(HttpExchange exchange, Page<ChannelOverview> page) {
    long now = TimeUnit.NANOSECONDS.toMillis(broker.clock().unixNanos());
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("channels");
          for (ChannelOverview channel : page.items()) {
            write(json, channel, now);
          }
          json.writeEndArray();
          page.writeNext(json);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, ChannelOverview channel, long now)
      throws IOException {
    ChannelInfo made = channel.made();
    json.writeStartObject();
    json.writeStringField("kind", channel.kind().label());
    json.writeStringField("name", channel.name());
    json.writeBooleanField("created", made != null);
    MessageJson.time(json, "createdAt", made == null ? 0 : made.createdAtNanos());
    MessageJson.time(
        json, "lastActivity", TimeUnit.MILLISECONDS.toNanos(channel.lastActivityMillis()));
    json.writeBooleanField("active", channel.active(now));
    traffic(json, channel.counted());
    json.writeEndObject();
  }

  private static void traffic(JsonGenerator json, ChannelStats.@Nullable Entry counted)
      throws IOException {
    ChannelStats.Entry of = counted == null ? new ChannelStats(0).of(Kind.EVENTS, "") : counted;
    json.writeNumberField("receivers", of.receivers());
    json.writeObjectFieldStart("incoming");
    json.writeNumberField("messages", of.messagesIn());
    json.writeNumberField("bytes", of.bytesIn());
    json.writeNumberField("errors", of.errors());
    json.writeEndObject();
    json.writeObjectFieldStart("outgoing");
    json.writeNumberField("messages", of.messagesOut());
    json.writeNumberField("bytes", of.bytesOut());
    json.writeNumberField("responses", of.responses());
    json.writeNumberField("responseBytes", of.responseBytes());
    json.writeNumberField("expired", of.expired());
    json.writeEndObject();
  }

  void create(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, "kind", "name");
    Kind kind = asked.requiredKind();
    String name = asked.required("name");
    background.answer(
        exchange,
        broker.channels().create(kind, name),
        made -> done(exchange, made ? 201 : 200, kind, name, "created", made));
  }

  void delete(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, "kind", "name");
    Kind kind = asked.requiredKind();
    String name = asked.required("name");
    background.answer(
        exchange,
        broker.channels().delete(kind, name).thenApply(gone -> deleted(gone, kind, name)),
        gone -> done(exchange, 200, kind, name, "deleted", true));
  }

  private static Result<Boolean> deleted(Result<Boolean> outcome, Kind kind, String name) {
    return outcome instanceof Result.Ok<Boolean> ok && !ok.value()
        ? Result.refused(
            ErrorCode.NOT_FOUND, "there is no channel " + name + " of kind " + kind.label())
        : outcome;
  }

  private static void done(
      HttpExchange exchange, int status, Kind kind, String name, String what, boolean value) {
    Answers.json(
        exchange,
        status,
        json -> {
          json.writeStartObject();
          json.writeStringField("kind", kind.label());
          json.writeStringField("name", name);
          json.writeBooleanField(what, value);
          json.writeEndObject();
        });
  }
}
