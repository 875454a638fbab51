// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.ErrorCode;
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
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Channels as newer clients read them. There is nothing in a channel but the members they know:
 * some refuse any other. Safe from any thread.
 *
 * <p>A list of all channels takes an event loop, or the engine, too long. So everything is done on
 * other threads, and the engine is asked for some figures at a time, between which it does other
 * things. Bounded: lists too many at once are refused.
 */
final class ChannelList {
  private static final int LISTS_MAX = 64;
  private static final int ASKED_MAX = 1000;

  /** Some clients keep the figures of queues in 32 bits. */
  private static final long QUEUE_FIGURE_MAX = Integer.MAX_VALUE;

  private final Broker broker;
  private final Executor threads;
  private final AtomicInteger lists = new AtomicInteger();

  /**
   * @param threads where lists are made
   */
  ChannelList(Broker broker, Executor threads) {
    this.broker = broker;
    this.threads = threads;
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
    if (lists.incrementAndGet() > LISTS_MAX) {
      lists.decrementAndGet();
      return refused(
          new BrokerError(ErrorCode.OVERLOADED, "too many lists of channels are asked for"));
    }
    return CompletableFuture.supplyAsync(() -> list(type, containing), threads)
        .thenCompose(made -> made)
        .whenComplete((made, fault) -> lists.decrementAndGet());
  }

  private CompletionStage<Result<byte[]>> list(ChannelType type, String containing) {
    return broker
        .channels()
        .overview(type.kind(), containing)
        .thenComposeAsync(
            outcome ->
                outcome instanceof Result.Ok<List<ChannelOverview>> ok
                    ? encoded(type, ok.value(), new ArrayList<>(ok.value().size()))
                    : refused(((Result.Refused<List<ChannelOverview>>) outcome).error()),
            threads);
  }

  private static CompletionStage<Result<byte[]>> refused(BrokerError error) {
    return CompletableFuture.completedFuture(Result.refused(error));
  }

  /** Asks for the figures of the next channels, until there are none. */
  private CompletionStage<Result<byte[]>> encoded(
      ChannelType type, List<ChannelOverview> channels, List<Figures> figures) {
    if (channels.isEmpty()) {
      return CompletableFuture.completedFuture(Result.ok(encoded(type, figures)));
    }
    int asked = Math.min(ASKED_MAX, channels.size());
    List<CompletableFuture<Result<Figures>>> stages = new ArrayList<>(asked);
    for (ChannelOverview channel : channels.subList(0, asked)) {
      stages.add(figures(channel).toCompletableFuture());
    }
    return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
        .thenComposeAsync(
            done -> {
              BrokerError error = take(stages, figures);
              return error == null
                  ? encoded(type, channels.subList(asked, channels.size()), figures)
                  : refused(error);
            },
            threads);
  }

  private CompletionStage<Result<Figures>> figures(ChannelOverview channel) {
    String name = channel.name();
    return switch (channel.kind()) {
      case QUEUE ->
          broker.queues().info(name).thenApply(info -> info.map(queue -> of(channel, queue)));
      case LOG -> broker.logs().info(name).thenApply(info -> info.map(log -> of(channel, log)));
      case EVENTS, COMMAND, QUERY -> CompletableFuture.completedFuture(Result.ok(of(channel)));
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

  /**
   * What was deleted meanwhile is left out. Gives any other refusal: a list without saying so would
   * look complete.
   */
  private static @Nullable BrokerError take(
      List<CompletableFuture<Result<Figures>>> stages, List<Figures> all) {
    for (CompletableFuture<Result<Figures>> stage : stages) {
      Result<Figures> outcome = stage.join();
      if (outcome instanceof Result.Ok<Figures> ok) {
        all.add(ok.value());
      } else if (outcome instanceof Result.Refused<Figures> refused
          && refused.error().code().category() != ErrorCode.Category.NOT_FOUND) {
        return refused.error();
      }
    }
    return null;
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
