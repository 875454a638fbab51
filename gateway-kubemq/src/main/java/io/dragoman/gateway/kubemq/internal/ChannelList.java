// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Kind;
import io.dragoman.core.LogInfo;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.Result;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Channels as newer clients read them. There is nothing in a channel but the members they know:
 * some refuse any other. Safe from any thread.
 */
final class ChannelList {

  /** Some clients keep the figures of queues in 32 bits. */
  private static final long QUEUE_FIGURE_MAX = Integer.MAX_VALUE;

  private final Broker broker;

  ChannelList(Broker broker) {
    this.broker = broker;
  }

  /**
   * A channel and its figures. What is stored is told by the engine, over restarts too; what passed
   * was counted since the node started.
   */
  private record Figures(
      ChannelOverview channel, long entered, long waiting, long expired, long delayed) {}

  /** One side of a channel. */
  private record Side(long messages, long volume) {}

  /** The channels of a type whose names contain a text, as a JSON array in UTF-8. */
  CompletionStage<Result<byte[]>> json(ChannelType type, String containing) {
    CompletionStage<Result<List<ChannelOverview>>> listed =
        broker.channels().overview(type.kind(), containing);
    return listed.thenCompose(
        outcome -> {
          if (outcome instanceof Result.Ok<List<ChannelOverview>> ok) {
            return figures(ok.value()).thenApply(all -> Result.ok(encoded(type, all)));
          }
          return CompletableFuture.completedFuture(
              Result.refused(((Result.Refused<List<ChannelOverview>>) outcome).error()));
        });
  }

  private CompletionStage<List<Figures>> figures(List<ChannelOverview> channels) {
    List<CompletableFuture<@Nullable Figures>> stages = new ArrayList<>(channels.size());
    for (ChannelOverview channel : channels) {
      stages.add(figures(channel).toCompletableFuture());
    }
    return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
        .thenApply(done -> present(stages));
  }

  /** Null for a channel that was deleted meanwhile. */
  private CompletionStage<@Nullable Figures> figures(ChannelOverview channel) {
    String name = channel.name();
    return switch (channel.kind()) {
      case QUEUE ->
          broker
              .queues()
              .info(name)
              .thenApply(
                  info -> info instanceof Result.Ok<QueueInfo> ok ? of(channel, ok.value()) : null);
      case LOG ->
          broker
              .logs()
              .info(name)
              .thenApply(
                  info -> info instanceof Result.Ok<LogInfo> ok ? of(channel, ok.value()) : null);
      case EVENTS, COMMAND, QUERY -> CompletableFuture.completedFuture(of(channel));
    };
  }

  private static Figures of(ChannelOverview channel, QueueInfo info) {
    return new Figures(
        channel,
        info.entered() + info.delayed(),
        info.waiting() + info.inFlight(),
        info.expired(),
        info.delayed());
  }

  private static Figures of(ChannelOverview channel, LogInfo info) {
    return new Figures(channel, info.lastSequence(), 0, 0, 0);
  }

  private static Figures of(ChannelOverview channel) {
    ChannelStats.Entry counted = channel.counted();
    return new Figures(channel, counted == null ? 0 : counted.messagesIn(), 0, 0, 0);
  }

  private static List<Figures> present(List<CompletableFuture<@Nullable Figures>> stages) {
    List<Figures> all = new ArrayList<>(stages.size());
    for (CompletableFuture<@Nullable Figures> stage : stages) {
      Figures figures = stage.join();
      if (figures != null) {
        all.add(figures);
      }
    }
    return all;
  }

  private byte[] encoded(ChannelType type, List<Figures> channels) {
    long now = TimeUnit.NANOSECONDS.toMillis(broker.clock().unixNanos());
    JsonWriter out = JsonWriter.start(UnpooledByteBufAllocator.DEFAULT).beginArray();
    for (Figures each : channels) {
      write(out, type, each, now);
    }
    ByteBuf text = out.endArray().finish();
    byte[] bytes = ByteBufUtil.getBytes(text);
    text.release();
    return bytes;
  }

  private static void write(JsonWriter out, ChannelType type, Figures figures, long now) {
    ChannelOverview channel = figures.channel;
    ChannelStats.Entry counted = channel.counted();
    out.beginObject().key(ApiKeys.NAME).value(channel.name());
    out.key(ApiKeys.TYPE).value(type.word());
    out.key(ApiKeys.LAST_ACTIVITY).value(channel.lastActivityMillis());
    out.key(ApiKeys.IS_ACTIVE).value(channel.active(now));
    Side in = new Side(figures.entered, counted == null ? 0 : counted.bytesIn());
    Side sent =
        counted == null ? new Side(0, 0) : new Side(counted.messagesOut(), counted.bytesOut());
    side(out.key(ApiKeys.INCOMING), figures, in);
    side(out.key(ApiKeys.OUTGOING), figures, sent);
    out.endObject();
  }

  /** What belongs to the channel and to neither side is shown on both. */
  private static void side(JsonWriter out, Figures figures, Side side) {
    ChannelStats.Entry counted = figures.channel.counted();
    out.beginObject();
    number(out, figures, ApiKeys.MESSAGES, side.messages);
    number(out, figures, ApiKeys.VOLUME, side.volume);
    number(out, figures, ApiKeys.WAITING, figures.waiting);
    number(out, figures, ApiKeys.EXPIRED, figures.expired);
    number(out, figures, ApiKeys.DELAYED, figures.delayed);
    number(out, figures, ApiKeys.RESPONSES, counted == null ? 0 : counted.responses());
    out.endObject();
  }

  private static void number(JsonWriter out, Figures figures, byte[] key, long value) {
    boolean queue = figures.channel.kind() == Kind.QUEUE;
    out.key(key).value(queue ? Math.min(value, QUEUE_FIGURE_MAX) : value);
  }
}
