// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The catalogue of what the core measures. Counters per dialect are the gateways' own; depth of
 * queues and logs and everything about disks is the engine's.
 *
 * <table>
 * <caption>Instruments</caption>
 * <tr><th>name</th><th>labels</th><th>meaning</th></tr>
 * <tr><td>{@value #MESSAGES_IN}</td><td>kind</td><td>messages accepted from senders</td></tr>
 * <tr><td>{@value #BYTES_IN}</td><td>kind</td><td>body bytes of those</td></tr>
 * <tr><td>{@value #MESSAGES_OUT}</td><td>kind</td><td>messages handed to receivers: one event to
 *     three subscribers counts three</td></tr>
 * <tr><td>{@value #REFUSED}</td><td>code</td><td>calls the core itself refused</td></tr>
 * <tr><td>{@value #SUBSCRIPTIONS}</td><td>kind</td><td>live subscriptions</td></tr>
 * <tr><td>{@value #PUBLISH_WAITS}</td><td></td><td>publishes slowed down by a full lane</td></tr>
 * <tr><td>{@value #LANE_QUEUE_BYTES}</td><td></td><td>events waiting for lanes</td></tr>
 * <tr><td>{@value #LISTENER_FAILURES}</td><td></td><td>receivers that threw: faults</td></tr>
 * <tr><td>{@value #REQUESTS_PENDING}</td><td></td><td>requests waiting for an answer</td></tr>
 * <tr><td>{@value #REQUESTS_PENDING_BYTES}</td><td></td><td>what those take</td></tr>
 * <tr><td>{@value #REQUEST_TIMEOUTS}</td><td>kind</td><td>requests nobody answered in time</td></tr>
 * <tr><td>{@value #REQUESTS_DROPPED}</td><td></td><td>requests not handed to a full lane</td></tr>
 * <tr><td>{@value #REQUEST_SECONDS}</td><td>kind</td><td>time from request to answer</td></tr>
 * <tr><td>{@value #QUERY_CACHE_HITS}</td><td></td><td>queries answered from the cache</td></tr>
 * <tr><td>{@value #QUERY_CACHE_MISSES}</td><td></td><td>queries with a key that were not</td></tr>
 * <tr><td>{@value #QUERY_CACHE_BYTES}</td><td></td><td>size of the kept answers</td></tr>
 * <tr><td>{@value #LOG_READS}</td><td></td><td>reads by log subscribers that were behind</td></tr>
 * <tr><td>{@value #LOG_PUSHES_DROPPED}</td><td></td><td>batches of log records that a full lane is
 *     to read again</td></tr>
 * <tr><td>{@value #POSITIONS_STORED}</td><td></td><td>durable positions written</td></tr>
 * <tr><td>{@value #KEY_CALLS}</td><td>operation</td><td>keys read, set and deleted</td></tr>
 * <tr><td>{@value #PUSHES}</td><td>outcome</td><td>pushes that clients' connections took, or that
 *     failed</td></tr>
 * <tr><td>{@value #JOINS}</td><td></td><td>times when a connection became a member of a channel
 *     </td></tr>
 * <tr><td>{@value #CLOCK_OFFSET_SECONDS}</td><td></td><td>wall clock minus broker clock</td></tr>
 * </table>
 *
 * <p>Safe from any thread; recording neither blocks nor allocates.
 */
public final class CoreMetrics {
  public static final String MESSAGES_IN = "dragoman_messages_in_total";
  public static final String BYTES_IN = "dragoman_message_bytes_in_total";
  public static final String MESSAGES_OUT = "dragoman_messages_out_total";
  public static final String REFUSED = "dragoman_refused_total";
  public static final String SUBSCRIPTIONS = "dragoman_subscriptions";
  public static final String PUBLISH_WAITS = "dragoman_publish_waits_total";
  public static final String LANE_QUEUE_BYTES = "dragoman_lane_queue_bytes";
  public static final String LISTENER_FAILURES = "dragoman_listener_failures_total";
  public static final String REQUESTS_PENDING = "dragoman_requests_pending";
  public static final String REQUESTS_PENDING_BYTES = "dragoman_requests_pending_bytes";
  public static final String REQUEST_TIMEOUTS = "dragoman_request_timeouts_total";
  public static final String REQUESTS_DROPPED = "dragoman_requests_dropped_total";
  public static final String REQUEST_SECONDS = "dragoman_request_seconds";
  public static final String QUERY_CACHE_HITS = "dragoman_query_cache_hits_total";
  public static final String QUERY_CACHE_MISSES = "dragoman_query_cache_misses_total";
  public static final String QUERY_CACHE_BYTES = "dragoman_query_cache_bytes";
  public static final String LOG_READS = "dragoman_log_reads_total";
  public static final String LOG_PUSHES_DROPPED = "dragoman_log_pushes_dropped_total";
  public static final String POSITIONS_STORED = "dragoman_positions_stored_total";
  public static final String KEY_CALLS = "dragoman_key_calls_total";
  public static final String PUSHES = "dragoman_pushes_total";
  public static final String JOINS = "dragoman_joins_total";
  public static final String CLOCK_OFFSET_SECONDS = "dragoman_clock_offset_seconds";

  /** What is done with a key. */
  public enum KeyOperation {
    GET,
    SET,
    DELETE
  }

  private static final double[] SECONDS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };

  private final Metrics metrics;
  private final Map<Kind, Metrics.Counter> messagesIn = new EnumMap<>(Kind.class);
  private final Map<Kind, Metrics.Counter> bytesIn = new EnumMap<>(Kind.class);
  private final Map<Kind, Metrics.Counter> messagesOut = new EnumMap<>(Kind.class);
  private final Map<ErrorCode, Metrics.Counter> refused = new EnumMap<>(ErrorCode.class);
  private final Map<Kind, Metrics.Counter> requestTimeouts = new EnumMap<>(Kind.class);
  private final Map<Kind, Metrics.Histogram> requestSeconds = new EnumMap<>(Kind.class);
  private final Map<KeyOperation, Metrics.Counter> keyCalls = new EnumMap<>(KeyOperation.class);
  private final Metrics.Counter publishWaits;
  private final Metrics.Counter pushesTaken;
  private final Metrics.Counter pushesFailed;
  private final Metrics.Counter joins;
  private final Metrics.Counter listenerFailures;
  private final Metrics.Counter requestsDropped;
  private final Metrics.Counter queryCacheHits;
  private final Metrics.Counter queryCacheMisses;
  private final Metrics.Counter logReads;
  private final Metrics.Counter logPushesDropped;
  private final Metrics.Counter positionsStored;

  public CoreMetrics(Metrics metrics) {
    this.metrics = metrics;
    for (Kind kind : Kind.values()) {
      messagesIn.put(kind, perKind(MESSAGES_IN, "Messages accepted from senders", kind));
      bytesIn.put(kind, perKind(BYTES_IN, "Body bytes accepted from senders", kind));
      messagesOut.put(kind, perKind(MESSAGES_OUT, "Messages handed to receivers", kind));
    }
    for (Kind kind : new Kind[] {Kind.COMMAND, Kind.QUERY}) {
      requestTimeouts.put(kind, perKind(REQUEST_TIMEOUTS, "Requests not answered in time", kind));
      requestSeconds.put(
          kind,
          metrics.histogram(
              REQUEST_SECONDS, "Time from request to answer", SECONDS, "kind", kind.label()));
    }
    for (ErrorCode code : ErrorCode.values()) {
      refused.put(code, metrics.counter(REFUSED, "Calls refused by the core", "code", code.name()));
    }
    for (KeyOperation operation : KeyOperation.values()) {
      String label = operation.name().toLowerCase(Locale.ROOT);
      keyCalls.put(
          operation, metrics.counter(KEY_CALLS, "Keys read, set and deleted", "operation", label));
    }
    publishWaits = metrics.counter(PUBLISH_WAITS, "Publishes slowed down by a full lane");
    pushesTaken = metrics.counter(PUSHES, "Pushes to connections", "outcome", "taken");
    pushesFailed = metrics.counter(PUSHES, "Pushes to connections", "outcome", "failed");
    joins = metrics.counter(JOINS, "Memberships of connections in channels");
    listenerFailures = metrics.counter(LISTENER_FAILURES, "Receivers that threw");
    requestsDropped = metrics.counter(REQUESTS_DROPPED, "Requests not handed to a full lane");
    queryCacheHits = metrics.counter(QUERY_CACHE_HITS, "Queries answered from the cache");
    queryCacheMisses = metrics.counter(QUERY_CACHE_MISSES, "Queries with a key, not in the cache");
    logReads = metrics.counter(LOG_READS, "Reads by log subscribers that were behind");
    logPushesDropped =
        metrics.counter(LOG_PUSHES_DROPPED, "Batches of log records a full lane reads again");
    positionsStored = metrics.counter(POSITIONS_STORED, "Durable positions written");
  }

  /** A message was accepted from a sender. */
  public void messageIn(Kind kind, int bodyBytes) {
    at(messagesIn, kind).increment();
    at(bytesIn, kind).add(bodyBytes);
  }

  /** Messages were handed to receivers. */
  public void messagesOut(Kind kind, long count) {
    at(messagesOut, kind).add(count);
  }

  /** Counts what connections took of pushes, and what they did not. */
  public void pushes(long taken, long failed) {
    pushesTaken.add(taken);
    if (failed > 0) {
      pushesFailed.add(failed);
    }
  }

  /** A connection became a member of a channel. */
  public Metrics.Counter joins() {
    return joins;
  }

  public void refused(ErrorCode code) {
    at(refused, code).increment();
  }

  public void requestTimeout(Kind kind) {
    at(requestTimeouts, kind).increment();
  }

  /** A request was answered after so many seconds. */
  public void answered(Kind kind, double seconds) {
    at(requestSeconds, kind).record(seconds);
  }

  /** A call about a key was carried out. */
  public void keyCall(KeyOperation operation) {
    at(keyCalls, operation).increment();
  }

  public Metrics.Counter publishWaits() {
    return publishWaits;
  }

  public Metrics.Counter listenerFailures() {
    return listenerFailures;
  }

  public Metrics.Counter requestsDropped() {
    return requestsDropped;
  }

  public Metrics.Counter queryCacheHits() {
    return queryCacheHits;
  }

  public Metrics.Counter queryCacheMisses() {
    return queryCacheMisses;
  }

  public Metrics.Counter logReads() {
    return logReads;
  }

  public Metrics.Counter logPushesDropped() {
    return logPushesDropped;
  }

  public Metrics.Counter positionsStored() {
    return positionsStored;
  }

  /** Shows a number of subscriptions. */
  public void showSubscriptions(Kind kind, DoubleSupplier value) {
    metrics.gauge(SUBSCRIPTIONS, "Live subscriptions", value, "kind", kind.label());
  }

  public void showLaneQueueBytes(DoubleSupplier value) {
    metrics.gauge(LANE_QUEUE_BYTES, "Events waiting for lanes", value);
  }

  public void showRequestsPending(DoubleSupplier value) {
    metrics.gauge(REQUESTS_PENDING, "Requests waiting for an answer", value);
  }

  public void showRequestsPendingBytes(DoubleSupplier value) {
    metrics.gauge(
        REQUESTS_PENDING_BYTES, "What requests that wait for an answer take, roughly", value);
  }

  public void showQueryCacheBytes(DoubleSupplier value) {
    metrics.gauge(QUERY_CACHE_BYTES, "Size of the kept answers of queries", value);
  }

  private Metrics.Counter perKind(String name, String help, Kind kind) {
    return metrics.counter(name, help, "kind", kind.label());
  }

  private static <K, V> V at(Map<K, V> all, K key) {
    V value = all.get(key);
    if (value == null) {
      throw new IllegalArgumentException("not measured for " + key);
    }
    return value;
  }
}
