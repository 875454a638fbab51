// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.gateway.connmix.client.RedisServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a node is told. Immutable and complete: every value is checked and has its default. Two
 * configurations are equal when they say the same, wherever they were written.
 *
 * @param nodeName empty: the host's name
 * @param administrators subjects of tokens that may administer; empty: see {@link
 *     #nobodyMayAdminister}
 * @param logToEvents whether what logs are given also reaches live subscribers of events
 * @param channels what is different for single channels
 */
public record ServerConfig(
    EngineKind engine,
    Durability durability,
    int asyncSyncMillis,
    Path dataDir,
    long dataMinFree,
    Optional<String> nodeName,
    int nodeNumber,
    String bind,
    List<ListenerConfig> listeners,
    Http http,
    Optional<Boolean> authEnabled,
    List<String> administrators,
    Jwt jwt,
    Policy kubemqPolicy,
    Limits limits,
    Queues queues,
    Retention logRetention,
    CacheTtlUnit kubemqCacheTtlUnit,
    Eventhub eventhub,
    Connmix connmix,
    boolean logToEvents,
    Routing routing,
    Memory memory,
    long slowReceiverBytes,
    Metrics metrics,
    Duration drainGrace,
    LogLevel logLevel,
    List<ChannelOverride> channels) {

  /** What keeps the messages. */
  public enum EngineKind {
    EMBEDDED,
    NATS
  }

  /** The unit of a KubeMQ query's {@code CacheTTL}. */
  public enum CacheTtlUnit {
    SECONDS,
    MILLIS
  }

  /** How much is logged. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /**
   * One listener.
   *
   * @param port empty: off
   * @param explicit somebody wrote the port
   * @param foreign it was written for another program, so the node starts without this listener
   *     rather than not at all
   */
  public record ListenerConfig(
      ListenerName name, OptionalInt port, boolean explicit, boolean foreign) {}

  /** Which web pages and host names loopback listeners trust. */
  public record Http(List<String> allowedOrigins, List<String> allowedHosts) {}

  /**
   * How tokens are verified.
   *
   * @param keys a file or a URL
   */
  public record Jwt(
      Optional<String> secret, Optional<String> keys, Duration reload, List<String> algorithms) {

    /** Whether there is anything to verify them with. */
    public boolean hasKey() {
      return secret.isPresent() || keys.isPresent();
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
      return "Jwt[keys=" + keys + ", reload=" + reload + ", algorithms=" + algorithms + "]";
    }
  }

  /** Where KubeMQ's authorization policy comes from, if there is one; one of them at most. */
  public record Policy(
      Optional<String> data, Optional<Path> file, Optional<URI> url, Duration reload) {

    /** Whether there is one. */
    public boolean isPresent() {
      return data.isPresent() || file.isPresent() || url.isPresent();
    }
  }

  /** Bounds of the node. */
  public record Limits(
      long messageBytes,
      long bodiesInFlightBytes,
      long unwrittenBytes,
      long historiesInFlightBytes,
      int connections,
      int channels,
      int keys,
      int subscriptions,
      int channelNameBytes) {}

  /** Bounds and defaults of queue calls. */
  public record Queues(
      int maxReceiveCount,
      int maxNumberOfMessages,
      Duration defaultWait,
      Duration maxWait,
      Duration maxExpiration,
      Duration maxDelay,
      Duration defaultVisibility,
      Duration maxVisibility) {}

  /** How long logs keep their messages; zero is without limit. */
  public record Retention(Duration age, long bytes, long count) {}

  /** What Eventhub clients get; a lifetime of zero is without end. */
  public record Eventhub(
      boolean eventLog,
      boolean keyValues,
      boolean sse,
      int historyMax,
      Duration defaultTtl,
      Duration pingInterval,
      Duration handshakeTimeout,
      long frameBytes) {}

  /** Where routes come from, if there are any; one of them at most. */
  public record Routing(
      Optional<String> data, Optional<Path> file, Optional<URI> url, Duration reload) {}

  /** Budgets of memory. */
  public record Memory(
      long windowBytes,
      long blockCacheBytes,
      long memtableBytes,
      long queryCacheBytes,
      long eventQueueBytes) {}

  /**
   * How connmix is served.
   *
   * @param usersFile in place of the users
   */
  public record Connmix(
      Optional<String> apiAddress,
      Duration readTimeout,
      long frameBytes,
      int topicsMax,
      boolean publishBySend,
      List<ConnmixAccount> users,
      Optional<Path> usersFile,
      Duration usersReload,
      int channelsMax,
      int contextChars,
      List<ConnmixListener> clients,
      List<RedisServer> redis) {}

  /** What {@code /metrics} shows. */
  public record Metrics(boolean compat, int channels) {}

  static ServerConfig of(Values values) {
    return new ServerConfig(
        values.get(Settings.ENGINE),
        values.get(Settings.DURABILITY),
        values.get(Settings.ASYNC_SYNC_MILLIS),
        values.get(Settings.DATA_DIR),
        values.get(Settings.DATA_MIN_FREE),
        values.get(Settings.NODE_NAME),
        values.get(Settings.NODE_NUMBER),
        values.get(Settings.BIND),
        listeners(values),
        new Http(values.get(Settings.ALLOWED_ORIGINS), values.get(Settings.ALLOWED_HOSTS)),
        values.get(Settings.AUTH_ENABLED),
        values.get(Settings.AUTH_ADMIN_SUBJECTS),
        new Jwt(
            values.get(Settings.AUTH_JWT_SECRET),
            values.get(Settings.AUTH_JWT_KEYS),
            values.get(Settings.AUTH_JWT_RELOAD),
            values.get(Settings.AUTH_JWT_ALGORITHMS)),
        new Policy(
            values.get(Settings.POLICY_DATA),
            values.get(Settings.POLICY_FILE),
            values.get(Settings.POLICY_URL),
            values.get(Settings.POLICY_RELOAD)),
        limits(values),
        queues(values),
        new Retention(
            values.get(Settings.LOG_RETENTION_AGE),
            values.get(Settings.LOG_RETENTION_BYTES),
            values.get(Settings.LOG_RETENTION_COUNT)),
        values.get(Settings.KUBEMQ_CACHE_TTL_UNIT),
        new Eventhub(
            values.get(Settings.EVENTHUB_EVENT_LOG),
            values.get(Settings.EVENTHUB_KEY_VALUES),
            values.get(Settings.EVENTHUB_SSE),
            values.get(Settings.EVENTHUB_HISTORY_MAX),
            values.get(Settings.EVENTHUB_DEFAULT_TTL),
            values.get(Settings.EVENTHUB_PING_INTERVAL),
            values.get(Settings.EVENTHUB_HANDSHAKE_TIMEOUT),
            values.get(Settings.EVENTHUB_FRAME_BYTES)),
        new Connmix(
            values.get(Settings.CONNMIX_API_ADDRESS),
            values.get(Settings.CONNMIX_API_READ_TIMEOUT),
            values.get(Settings.CONNMIX_API_FRAME_BYTES),
            values.get(Settings.CONNMIX_API_TOPICS_MAX),
            values.get(Settings.CONNMIX_API_PUBLISH_BY_SEND),
            values.get(Settings.CONNMIX_ACCESS_USERS),
            values.get(Settings.CONNMIX_ACCESS_FILE),
            values.get(Settings.CONNMIX_ACCESS_RELOAD),
            values.get(Settings.CONNMIX_CLIENT_CHANNELS_MAX),
            values.get(Settings.CONNMIX_CLIENT_CONTEXT_CHARS),
            ConnmixListener.orDefault(values.get(Settings.CONNMIX_CLIENTS)),
            values.get(Settings.CONNMIX_REDIS)),
        values.get(Settings.INTEROP_LOG_TO_EVENTS),
        new Routing(
            values.get(Settings.ROUTING_DATA),
            values.get(Settings.ROUTING_FILE),
            values.get(Settings.ROUTING_URL),
            values.get(Settings.ROUTING_RELOAD)),
        new Memory(
            values.get(Settings.MEMORY_WINDOW),
            values.get(Settings.MEMORY_BLOCK_CACHE),
            values.get(Settings.MEMORY_MEMTABLE),
            values.get(Settings.MEMORY_QUERY_CACHE),
            values.get(Settings.MEMORY_EVENT_QUEUE)),
        values.get(Settings.SLOW_BUFFER),
        new Metrics(values.get(Settings.METRICS_COMPAT), values.get(Settings.METRICS_CHANNELS)),
        values.get(Settings.DRAIN_GRACE),
        values.get(Settings.LOGGING_LEVEL),
        values.get(Settings.CHANNELS));
  }

  private static List<ListenerConfig> listeners(Values values) {
    return Arrays.stream(ListenerName.values())
        .map(
            name ->
                new ListenerConfig(
                    name,
                    values.get(name.setting()),
                    values.isSet(name.setting()),
                    values.isForeign(name.setting())))
        .toList();
  }

  private static Limits limits(Values values) {
    return new Limits(
        values.get(Settings.LIMIT_MESSAGE),
        values.get(Settings.LIMIT_BODIES_IN_FLIGHT),
        values.get(Settings.LIMIT_UNWRITTEN),
        values.get(Settings.LIMIT_HISTORIES_IN_FLIGHT),
        values.get(Settings.LIMIT_CONNECTIONS),
        values.get(Settings.LIMIT_CHANNELS),
        values.get(Settings.LIMIT_KEYS),
        values.get(Settings.LIMIT_SUBSCRIPTIONS),
        values.get(Settings.LIMIT_CHANNEL_NAME));
  }

  private static Queues queues(Values values) {
    return new Queues(
        values.get(Settings.QUEUE_MAX_RECEIVE_COUNT),
        values.get(Settings.QUEUE_MAX_MESSAGES),
        values.get(Settings.QUEUE_DEFAULT_WAIT),
        values.get(Settings.QUEUE_MAX_WAIT),
        values.get(Settings.QUEUE_MAX_EXPIRATION),
        values.get(Settings.QUEUE_MAX_DELAY),
        values.get(Settings.QUEUE_DEFAULT_VISIBILITY),
        values.get(Settings.QUEUE_MAX_VISIBILITY));
  }

  /**
   * Whether tokens are required and none opens the administration: a policy that forbids most
   * clients most channels would be worth little if each of them could look and delete there.
   */
  public boolean nobodyMayAdminister() {
    return authEnabled.orElse(false) && administrators.isEmpty() && kubemqPolicy.isPresent();
  }

  /** The configuration of one listener. */
  public ListenerConfig listener(ListenerName name) {
    return listeners.stream().filter(each -> each.name() == name).findFirst().orElseThrow();
  }

  /** How the core and the engine are to treat each channel. */
  public ChannelSettings.Source channelSettings() {
    return new ChannelRules(this);
  }
}
