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
 * @param nodeNumber this node's number among those of one broker, 0 to 1,023: ids of connections
 *     hold it
 * @param connectionChannelsMax channels that one connection may be a member of
 * @param connectionContextMax characters of the names and values of one connection's context
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
    boolean logToEvents,
    int nodeNumber,
    int connectionChannelsMax,
    int connectionContextMax) {

  /** The greatest number of a node. */
  public static final int NODE_NUMBER_MAX = 1023;

  /** What applies unless configured otherwise. */
  public static final CoreOptions DEFAULT =
      new CoreOptions(
          100 << 20, 256, 100_000, 1_000_000, 16L << 20, 1024, 64L << 20, 100, 1000, false, 1,
          10_000, 64 << 10);

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
    requireAtLeast(0, nodeNumber, "nodeNumber");
    requireAtLeast(1, connectionChannelsMax, "connectionChannelsMax");
    requireAtLeast(1, connectionContextMax, "connectionContextMax");
    if (nodeNumber > NODE_NUMBER_MAX) {
      throw new IllegalArgumentException("nodeNumber must be at most 1023, not " + nodeNumber);
    }
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
    private int nodeNumber;
    private int connectionChannelsMax;
    private int connectionContextMax;

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
      nodeNumber = from.nodeNumber;
      connectionChannelsMax = from.connectionChannelsMax;
      connectionContextMax = from.connectionContextMax;
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

    public Builder nodeNumber(int value) {
      nodeNumber = value;
      return this;
    }

    public Builder connectionChannelsMax(int value) {
      connectionChannelsMax = value;
      return this;
    }

    public Builder connectionContextMax(int value) {
      connectionContextMax = value;
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
          logToEvents,
          nodeNumber,
          connectionChannelsMax,
          connectionContextMax);
    }
  }
}
