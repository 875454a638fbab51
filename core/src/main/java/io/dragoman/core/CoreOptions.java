// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * The limits and intervals of a {@link CoreBroker}. Immutable; {@link #DEFAULT} with changes:
 * {@code CoreOptions.DEFAULT.toBuilder().channelsMax(10).build()}.
 *
 * @param messageBytesMax body, metadata and tags of one message; more is refused with {@code
 *     TOO_LARGE}
 * @param channelNameBytesMax UTF-8 bytes of a channel, group, durable or filter name
 * @param channelsMax stored or explicitly made channels on this node; writing to one more is
 *     refused with {@code TOO_MANY_CHANNELS}. Channels that the engine makes by itself (dead-letter
 *     queues) are not held back by it
 * @param subscriptionsMax live subscriptions of all kinds on this node
 * @param laneQueueBytesMax events (and, apart from them, requests) waiting for one lane. Beyond it
 *     publishers wait, and requests are dropped and time out
 * @param queueDefaultMaxReceiveCount what a queue message's limit of 0 becomes; 0 leaves it
 *     unlimited
 * @param queryCacheBytesMax kept answers of all queries; 0 keeps none
 * @param positionFlushMillis how long a moved durable position may stay unwritten
 * @param logBatchMax messages handed to a log subscriber at a time
 * @param logToEvents whether live subscribers of the events channel of a log's name are given what
 *     is appended to that log
 */
public record CoreOptions(
    int messageBytesMax,
    int channelNameBytesMax,
    int channelsMax,
    int subscriptionsMax,
    long laneQueueBytesMax,
    int queueDefaultMaxReceiveCount,
    long queryCacheBytesMax,
    int positionFlushMillis,
    int logBatchMax,
    boolean logToEvents) {

  /** What applies unless configured otherwise. */
  public static final CoreOptions DEFAULT =
      new CoreOptions(
          100 << 20, 256, 100_000, 1_000_000, 16L << 20, 1024, 64L << 20, 100, 1000, false);

  public CoreOptions {
    requireAtLeast(1, messageBytesMax, "messageBytesMax");
    requireAtLeast(1, channelNameBytesMax, "channelNameBytesMax");
    requireAtLeast(1, channelsMax, "channelsMax");
    requireAtLeast(1, subscriptionsMax, "subscriptionsMax");
    requireAtLeast(1, laneQueueBytesMax, "laneQueueBytesMax");
    requireAtLeast(0, queueDefaultMaxReceiveCount, "queueDefaultMaxReceiveCount");
    requireAtLeast(0, queryCacheBytesMax, "queryCacheBytesMax");
    requireAtLeast(1, positionFlushMillis, "positionFlushMillis");
    requireAtLeast(1, logBatchMax, "logBatchMax");
  }

  /** A builder that starts with these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  private static void requireAtLeast(long least, long value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
    }
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private int messageBytesMax;
    private int channelNameBytesMax;
    private int channelsMax;
    private int subscriptionsMax;
    private long laneQueueBytesMax;
    private int queueDefaultMaxReceiveCount;
    private long queryCacheBytesMax;
    private int positionFlushMillis;
    private int logBatchMax;
    private boolean logToEvents;

    private Builder(CoreOptions from) {
      messageBytesMax = from.messageBytesMax;
      channelNameBytesMax = from.channelNameBytesMax;
      channelsMax = from.channelsMax;
      subscriptionsMax = from.subscriptionsMax;
      laneQueueBytesMax = from.laneQueueBytesMax;
      queueDefaultMaxReceiveCount = from.queueDefaultMaxReceiveCount;
      queryCacheBytesMax = from.queryCacheBytesMax;
      positionFlushMillis = from.positionFlushMillis;
      logBatchMax = from.logBatchMax;
      logToEvents = from.logToEvents;
    }

    public Builder messageBytesMax(int value) {
      messageBytesMax = value;
      return this;
    }

    public Builder channelNameBytesMax(int value) {
      channelNameBytesMax = value;
      return this;
    }

    public Builder channelsMax(int value) {
      channelsMax = value;
      return this;
    }

    public Builder subscriptionsMax(int value) {
      subscriptionsMax = value;
      return this;
    }

    public Builder laneQueueBytesMax(long value) {
      laneQueueBytesMax = value;
      return this;
    }

    public Builder queueDefaultMaxReceiveCount(int value) {
      queueDefaultMaxReceiveCount = value;
      return this;
    }

    public Builder queryCacheBytesMax(long value) {
      queryCacheBytesMax = value;
      return this;
    }

    public Builder positionFlushMillis(int value) {
      positionFlushMillis = value;
      return this;
    }

    public Builder logBatchMax(int value) {
      logBatchMax = value;
      return this;
    }

    public Builder logToEvents(boolean value) {
      logToEvents = value;
      return this;
    }

    /** The options; a value outside its range is an {@link IllegalArgumentException}. */
    public CoreOptions build() {
      return new CoreOptions(
          messageBytesMax,
          channelNameBytesMax,
          channelsMax,
          subscriptionsMax,
          laneQueueBytesMax,
          queueDefaultMaxReceiveCount,
          queryCacheBytesMax,
          positionFlushMillis,
          logBatchMax,
          logToEvents);
    }
  }
}
