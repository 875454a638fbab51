// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static io.dragoman.server.internal.SettingTypes.bool;
import static io.dragoman.server.internal.SettingTypes.countOrUnlimited;
import static io.dragoman.server.internal.SettingTypes.directory;
import static io.dragoman.server.internal.SettingTypes.duration;
import static io.dragoman.server.internal.SettingTypes.durationOrUnlimited;
import static io.dragoman.server.internal.SettingTypes.file;
import static io.dragoman.server.internal.SettingTypes.hostAndPort;
import static io.dragoman.server.internal.SettingTypes.integer;
import static io.dragoman.server.internal.SettingTypes.listOf;
import static io.dragoman.server.internal.SettingTypes.oneOf;
import static io.dragoman.server.internal.SettingTypes.optional;
import static io.dragoman.server.internal.SettingTypes.port;
import static io.dragoman.server.internal.SettingTypes.seconds;
import static io.dragoman.server.internal.SettingTypes.signatureType;
import static io.dragoman.server.internal.SettingTypes.size;
import static io.dragoman.server.internal.SettingTypes.sizeOrUnlimited;
import static io.dragoman.server.internal.SettingTypes.text;
import static io.dragoman.server.internal.SettingTypes.url;

import io.dragoman.core.CoreOptions;
import io.dragoman.core.spi.Durability;
import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.security.AuthOptions;
import io.dragoman.server.internal.ServerConfig.CacheTtlUnit;
import io.dragoman.server.internal.ServerConfig.EngineKind;
import io.dragoman.server.internal.ServerConfig.LogLevel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The catalogue of settings: the one place that says what can be configured. Their order here is
 * their order in the documentation.
 */
public final class Settings {
  private static final List<Setting<?>> CATALOGUE = new ArrayList<>();
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  // --- The node ---

  static final Setting<EngineKind> ENGINE =
      add(
          "engine",
          oneOf(EngineKind.class),
          EngineKind.EMBEDDED,
          "What keeps the messages: `embedded` (this machine, RocksDB) or `nats` (a NATS JetStream"
              + " cluster; not available in this version).");
  static final Setting<Durability> DURABILITY =
      add(
          "durability",
          oneOf(Durability.class),
          Durability.SYNC,
          "When a stored message is acknowledged: `sync` when it is on disk, `async` when it is"
              + " written; the disk then follows within `durability.asyncSyncMillis`. Single"
              + " channels may differ, see `channels`.");
  static final Setting<Integer> ASYNC_SYNC_MILLIS =
      add(
          "durability.asyncSyncMillis",
          integer(1, 60_000),
          100,
          "The most a power failure can take from `async` channels, in milliseconds.");
  static final Setting<Path> DATA_DIR =
      add(
          "data.dir",
          directory(),
          Path.of("./data"),
          "Where messages are kept. Belongs to one running broker at a time.");
  static final Setting<Long> DATA_MIN_FREE =
      add(
          "data.minFreeBytes",
          size(16 * MIB, 1024 * GIB),
          256 * MIB,
          "With less free disk space than this, new messages are refused and the node is not ready;"
              + " what is stored can still be read.");
  static final Setting<Optional<String>> NODE_NAME =
      add(
          "node.name",
          optional(text("a name")),
          Optional.empty(),
          "This node's name in health answers, metrics and messages. Unset: the variable"
              + " `KUBEMQ_HOST` if there is one, else the host's name.");

  static final Setting<Integer> NODE_NUMBER =
      add(
          "node.number",
          integer(0, CoreOptions.NODE_NUMBER_MAX),
          1,
          "This node's number among those of one broker. Ids of connmix clients hold it.");

  // --- Listeners ---

  static final Setting<String> BIND =
      add(
          "bind",
          text("an address or host name"),
          "localhost",
          "The address that all listeners are opened on. `localhost` means both loopback addresses,"
              + " `0.0.0.0` or `::` all addresses of the machine (see `auth.enabled`).");
  static final Setting<OptionalInt> HTTP_PORT =
      listener("http.port", 8080, "Administration, health, metrics and the KubeMQ API routes.");
  static final Setting<List<String>> ALLOWED_ORIGINS =
      add(
          "http.allowedOrigins",
          listOf(text("an origin such as https://console.example.com")),
          List.of(),
          "Web pages of these origins may use the administration routes and WebSockets of the"
              + " `http` listener, besides pages that come from it.");
  static final Setting<List<String>> ALLOWED_HOSTS =
      add(
          "http.allowedHosts",
          listOf(text("a host name")),
          List.of(),
          "Listeners on loopback addresses answer only requests whose `Host` is localhost, a"
              + " loopback address or one of these names: this keeps web pages away that point a"
              + " name of their own to 127.0.0.1.");
  static final Setting<OptionalInt> EVENTHUB_PORT =
      add(
          "eventhub.port",
          port(),
          OptionalInt.empty(),
          "A listener for Eventhub alone, beside `http`, which serves it too: without the"
              + " administration routes, and open to web pages of every origin.");
  static final Setting<Boolean> EVENTHUB_EVENT_LOG =
      add(
          "eventhub.eventLog",
          bool(),
          true,
          "Whether Eventhub clients may ask for history. Off, `eventlog` is refused and `since`"
              + " ignored; events are stored all the same.");
  static final Setting<Boolean> EVENTHUB_KEY_VALUES =
      add("eventhub.keyValues", bool(), true, "Whether `get`, `set` and `del` are served.");
  static final Setting<Boolean> EVENTHUB_SSE =
      add("eventhub.sse", bool(), true, "Whether event streams (SSE) are served.");
  static final Setting<Integer> EVENTHUB_HISTORY_MAX =
      add(
          "eventhub.historyMax",
          integer(1, 100_000),
          100,
          "The most events that one request for history gets, and what it gets when it says nothing"
              + " itself. Never more than 8 MiB, but at least one event.");
  static final Setting<Duration> EVENTHUB_DEFAULT_TTL =
      add(
          "eventhub.defaultTtl",
          durationOrUnlimited(),
          Duration.ZERO,
          "How long events are kept and delivered whose publisher sets no `ttl`.");
  static final Setting<Duration> EVENTHUB_PING_INTERVAL =
      add(
          "eventhub.pingInterval",
          duration(Duration.ofMillis(100), Duration.ofHours(1)),
          Duration.ofSeconds(30),
          "How often Eventhub's WebSockets are pinged, and event streams are sent a comment.");
  static final Setting<Duration> EVENTHUB_HANDSHAKE_TIMEOUT =
      add(
          "eventhub.handshakeTimeout",
          duration(Duration.ofMillis(100), Duration.ofHours(1)),
          Duration.ofSeconds(15),
          "How long a client of `eventhub.port` may take from connecting to the end of its"
              + " handshake or request; then it is disconnected.");
  static final Setting<Long> EVENTHUB_FRAME_BYTES =
      add(
          "eventhub.frameBytes",
          size(KIB, GIB),
          8 * MIB,
          "The largest message that an Eventhub client may send.");
  static final Setting<OptionalInt> KUBEMQ_REST_PORT =
      listener("kubemq.rest.port", 9090, "KubeMQ REST and WebSocket.");
  static final Setting<OptionalInt> KUBEMQ_GRPC_PORT =
      listener("kubemq.grpc.port", 50000, "KubeMQ gRPC.");
  static final Setting<CacheTtlUnit> KUBEMQ_CACHE_TTL_UNIT =
      add(
          "kubemq.cacheTtlUnit",
          oneOf(CacheTtlUnit.class),
          CacheTtlUnit.SECONDS,
          "The unit of `CacheTTL` in KubeMQ queries. The documents and some SDKs say seconds,"
              + " others (Go 1.x, Java 2) send milliseconds.");
  static final Setting<OptionalInt> CONNMIX_API_PORT =
      listener("connmix.api.port", 6789, "connmix API for backends, over HTTP and WebSocket.");
  static final Setting<Optional<String>> CONNMIX_API_ADDRESS =
      add(
          "connmix.api.address",
          optional(hostAndPort()),
          Optional.empty(),
          "Where backends on other machines reach the API, as `/v1/nodes` tells them. Unset: at the"
              + " host that they have asked, with `connmix.api.port`.");
  static final Setting<Duration> CONNMIX_API_READ_TIMEOUT =
      add(
          "connmix.api.readTimeout",
          duration(Duration.ofMillis(300), Duration.ofHours(3)),
          Duration.ofSeconds(60),
          "A backend's WebSocket is closed when nothing has come from it for so long. It is pinged"
              + " three times meanwhile, and the answer counts.");
  static final Setting<Long> CONNMIX_API_FRAME_BYTES =
      add(
          "connmix.api.frameBytes",
          size(KIB, GIB),
          MIB,
          "The largest request of a backend, over WebSocket or HTTP.");
  static final Setting<Integer> CONNMIX_API_TOPICS_MAX =
      add(
          "connmix.api.topicsMax",
          integer(1, 100_000),
          100,
          "The most queues that one WebSocket of a backend may consume.");
  static final Setting<Boolean> CONNMIX_API_PUBLISH_BY_SEND =
      add(
          "connmix.api.publishBySend",
          bool(),
          false,
          "Whether `mesh.send` to what is no client's id publishes to the channel of that name: the"
              + " PHP client sends its synchronous `meshPublish` so. Without it they are refused.");
  static final Setting<List<ConnmixAccount>> CONNMIX_ACCESS_USERS =
      register(
          new Setting<>(
              "connmix.access.users",
              new ConnmixAccountsType(),
              List.of(),
              "Accounts of backends, see [connmix](connmix.md#who-may-use-it). With any, nobody"
                  + " uses the API without one, but for those who have a token where tokens are"
                  + " required.",
              false));
  static final Setting<Optional<Path>> CONNMIX_ACCESS_FILE =
      add(
          "connmix.access.file",
          optional(file()),
          Optional.empty(),
          "A YAML file with such a list, in place of `connmix.access.users`. The broker does not"
              + " start when it cannot be read. With it nobody uses the API without an account,"
              + " even when the list is empty.");
  static final Setting<Duration> CONNMIX_ACCESS_RELOAD =
      add(
          "connmix.access.reload",
          durationOrUnlimited(),
          Duration.ofSeconds(10),
          "How often `connmix.access.file` is read again; `unlimited` never. What cannot be read or"
              + " used leaves the accounts as they were, and is counted and logged.");
  static final Setting<OptionalInt> CONNMIX_CENTER_PORT =
      listener("connmix.center.port", 6787, "connmix registry, where backends look first.");
  static final Setting<OptionalInt> CONNMIX_CLIENT_PORT =
      listener(
          "connmix.client.port",
          6790,
          "connmix's clients: WebSockets at `/chat`, see `connmix.clients`.");
  static final Setting<Integer> CONNMIX_CLIENT_CHANNELS_MAX =
      add(
          "connmix.client.channelsMax",
          integer(1, 1_000_000),
          CoreOptions.DEFAULT.connectionChannelsMax(),
          "The most channels that one client may be a member of.");
  static final Setting<Integer> CONNMIX_CLIENT_CONTEXT_CHARS =
      add(
          "connmix.client.contextChars",
          integer(1, 16 << 20),
          CoreOptions.DEFAULT.connectionContextMax(),
          "The most characters that the names and values of one client's context may have, as"
              + " JSON.");
  static final Setting<List<ConnmixListener>> CONNMIX_CLIENTS =
      add(
          "connmix.clients",
          new ConnmixListenersType(),
          List.of(),
          "Listeners for connmix's clients, and what happens with what clients do. Without any,"
              + " there is the one of `connmix.client.port`; one of them may leave its port to"
              + " that.");
  static final Setting<List<RedisServer>> CONNMIX_REDIS =
      add(
          "connmix.redis",
          new ConnmixRedisType(),
          List.of(),
          "What scripts reach as `mix.redis`, see [Lua](lua.md#redis). Without any, nothing of"
              + " Redis is loaded.");
  static final Setting<List<String>> NATS_SERVERS =
      add(
          "nats.servers",
          listOf(text("an address such as nats://127.0.0.1:4222")),
          List.of("nats://127.0.0.1:4222"),
          "Where the engine `nats` finds its cluster.");

  // --- Who may connect ---

  static final Setting<Optional<Boolean>> AUTH_ENABLED =
      add(
          "auth.enabled",
          optional(bool()),
          Optional.empty(),
          "Unset: everybody may do everything as long as all listeners are on loopback addresses;"
              + " with any other address the broker refuses to start. `false`: open on every"
              + " address. `true`: tokens are required, so there must be `auth.jwt.secret` or"
              + " `auth.jwt.keys`; only probes, `/metrics` and the page at `/` answer without.");
  static final Setting<Optional<String>> AUTH_JWT_SECRET =
      register(
          new Setting<>(
              "auth.jwt.secret",
              optional(text("a secret")),
              Optional.empty(),
              "The secret of tokens that are signed with one (HS256). At least 32 random bytes, or"
                  + " it can be guessed from a token. There is no default.",
              true));
  static final Setting<Optional<String>> AUTH_JWT_KEYS =
      add(
          "auth.jwt.keys",
          optional(text("a file or URL")),
          Optional.empty(),
          "Public keys of tokens that are signed with a private one (RS, PS, ES, EdDSA): a file or"
              + " an https URL with PEM (`PUBLIC KEY`, `CERTIFICATE`) or a JSON Web Key Set. A file"
              + " must be readable at the start; until a URL has answered no token is accepted.");
  static final Setting<Duration> AUTH_JWT_RELOAD =
      add(
          "auth.jwt.reload",
          durationOrUnlimited(),
          Duration.ofMinutes(5),
          "How often `auth.jwt.keys` is read again; `unlimited` never. A token that names an"
              + " unknown key has it read at once, at most every 10 s. What cannot be read or used"
              + " leaves the keys as they were, and is counted and logged.");
  static final Setting<List<String>> AUTH_JWT_ALGORITHMS =
      add(
          "auth.jwt.algorithms",
          listOf(signatureType()),
          AuthOptions.DEFAULT_ALGORITHMS.stream().sorted().toList(),
          "Signature types that tokens may have. The kind of key decides which of them it is used"
              + " for: the secret for HS only, public keys never for HS.");
  static final Setting<List<String>> AUTH_ADMIN_SUBJECTS =
      add(
          "auth.admin.subjects",
          listOf(text("the subject of a token")),
          List.of(),
          "Whose tokens (`sub`) may administer: the routes below `/v1` and `/api`, monitors,"
              + " statistics, and what KubeMQ tells about all queues. Without any, every token may"
              + " that is not limited to topics; but where there is a `kubemq.policy`, none.");
  static final Setting<Optional<String>> POLICY_DATA =
      add(
          "kubemq.policy.data",
          optional(text("a JSON array of rules, as text")),
          Optional.empty(),
          "KubeMQ's authorization policy: which client ids may use which channels. Without one,"
              + " everybody who may connect may use all. Only one of `data`, `file` and `url` may"
              + " be set; see [security](security.md).");
  static final Setting<Optional<Path>> POLICY_FILE =
      add(
          "kubemq.policy.file",
          optional(file()),
          Optional.empty(),
          "A file with such a policy. The broker does not start when it cannot be read.");
  static final Setting<Optional<URI>> POLICY_URL =
      add(
          "kubemq.policy.url",
          optional(url()),
          Optional.empty(),
          "Where such a policy is to be had by GET, with status 200 and within 10 s, over https"
              + " or from this machine. The broker does not start when it cannot be read.");
  static final Setting<Duration> POLICY_RELOAD =
      add(
          "kubemq.policy.reload",
          durationOrUnlimited(),
          Duration.ZERO,
          "How often `kubemq.policy.file` or `kubemq.policy.url` is read again; `unlimited` never."
              + " What cannot be read or used leaves the policy as it was, and is counted and"
              + " logged.");

  // --- Limits ---

  static final Setting<Long> LIMIT_MESSAGE =
      add(
          "limits.messageBytes",
          size(KIB, GIB),
          100 * MIB,
          "The largest body of a message. Requests may be larger by what JSON and base64 add.");
  static final Setting<Long> LIMIT_BODIES_IN_FLIGHT =
      add(
          "limits.bodiesInFlightBytes",
          size(KIB, 1024 * GIB),
          256 * MIB,
          "Request bodies, WebSocket messages and packets of TCP clients held at the same time, all"
              + " listeners together; beyond it requests are answered 503 and WebSockets closed"
              + " with 1013, TCP clients without a word, those up to 64 KiB an eighth later. Must"
              + " have room for one message of `limits.messageBytes` in base64.");
  static final Setting<Long> LIMIT_UNWRITTEN =
      add(
          "limits.unwrittenBytes",
          size(KIB, 1024 * GIB),
          256 * MIB,
          "Messages that wait to be written to disk; beyond it new ones are refused. A message to"
              + " several channels counts once for each that keeps it, and is refused when it alone"
              + " goes beyond.");
  static final Setting<Long> LIMIT_HISTORIES_IN_FLIGHT =
      add(
          "limits.historiesInFlightBytes",
          size(MIB, 1024 * GIB),
          128 * MIB,
          "Eventhub's histories in memory, all clients together: half of it for what is being read"
              + " for subscribers, a quarter for what `eventlog` looks up, a quarter for what"
              + " clients have not taken yet. Beyond the first two requests for history wait;"
              + " beyond the last what a subscriber does not take is read again, and answers to"
              + " `eventlog` are of 64 KiB at most.");
  static final Setting<Integer> LIMIT_CONNECTIONS =
      add(
          "limits.connections",
          integer(1, 10_000_000),
          16_384,
          "Connections at the same time, all listeners together.");
  static final Setting<Integer> LIMIT_CHANNELS =
      add("limits.channels", integer(1, 100_000_000), 100_000, "Channels of all kinds.");
  static final Setting<Integer> LIMIT_KEYS =
      add("limits.keys", integer(1, 1_000_000_000), 1_000_000, "Keys of the key/value store.");
  static final Setting<Integer> LIMIT_SUBSCRIPTIONS =
      add(
          "limits.subscriptions",
          integer(1, 100_000_000),
          1_000_000,
          "Subscriptions and responders of this node.");
  static final Setting<Integer> LIMIT_CHANNEL_NAME =
      add(
          "limits.channelNameBytes",
          integer(1, 1024),
          256,
          "The longest channel name, in UTF-8 bytes.");

  // --- Queues ---

  static final Setting<Integer> QUEUE_MAX_RECEIVE_COUNT =
      add(
          "queue.maxReceiveCount",
          integer(1, Integer.MAX_VALUE),
          1024,
          "How often a message may be delivered when it says nothing itself, and the most it may"
              + " ask for. After that it goes to its dead-letter queue, or is discarded if it has"
              + " none.");
  static final Setting<Integer> QUEUE_MAX_MESSAGES =
      add(
          "queue.maxNumberOfMessages",
          integer(1, 1_000_000),
          1024,
          "The most messages that one receive may ask for.");
  static final Setting<Duration> QUEUE_DEFAULT_WAIT =
      add(
          "queue.defaultWait",
          seconds(),
          Duration.ofSeconds(1),
          "How long a receive waits that says nothing itself.");
  static final Setting<Duration> QUEUE_MAX_WAIT =
      add("queue.maxWait", seconds(), Duration.ofHours(1), "The longest that a receive may wait.");
  static final Setting<Duration> QUEUE_MAX_EXPIRATION =
      add(
          "queue.maxExpiration",
          seconds(),
          Duration.ofHours(12),
          "The longest life a message may be given.");
  static final Setting<Duration> QUEUE_MAX_DELAY =
      add(
          "queue.maxDelay",
          seconds(),
          Duration.ofHours(12),
          "The longest a message may be held back.");
  static final Setting<Duration> QUEUE_DEFAULT_VISIBILITY =
      add(
          "queue.defaultVisibility",
          seconds(),
          Duration.ofSeconds(60),
          "How long a consumer holds a message when it says nothing itself.");
  static final Setting<Duration> QUEUE_MAX_VISIBILITY =
      add(
          "queue.maxVisibility",
          seconds(),
          Duration.ofHours(12),
          "The longest that a consumer may hold a message.");

  // --- Logs ---

  static final Setting<Duration> LOG_RETENTION_AGE =
      add(
          "log.retention.age",
          durationOrUnlimited(),
          Duration.ofDays(7),
          "Messages in logs (KubeMQ events store, Eventhub topics) are removed when they are older."
              + " Queues keep their messages until they are consumed or expire by themselves.");
  static final Setting<Long> LOG_RETENTION_BYTES =
      add(
          "log.retention.bytes",
          sizeOrUnlimited(),
          0L,
          "How much each log keeps, about; older messages are removed.");
  static final Setting<Long> LOG_RETENTION_COUNT =
      add(
          "log.retention.count",
          countOrUnlimited(),
          0L,
          "How many messages each log keeps; older ones are removed.");

  // --- Between the protocols ---

  static final Setting<Boolean> INTEROP_LOG_TO_EVENTS =
      add(
          "interop.logToEvents",
          bool(),
          false,
          "Whether what is stored in a log (KubeMQ events store, Eventhub topics) also reaches"
              + " live subscribers of KubeMQ events of that name. Off, KubeMQ's events and events"
              + " store of one name are apart, as KubeMQ has them; see [interop](interop.md).");

  // --- Memory, slow receivers, the rest ---

  static final Setting<Optional<String>> ROUTING_DATA =
      add(
          "routing.data",
          optional(new RouteTableType()),
          Optional.empty(),
          "Routes that KubeMQ senders can name as channel `routes:<key>`, as a JSON array of"
              + " `{\"Key\":…,\"Routes\":…}`. Only one of `data`, `file` and `url` may be set.");
  static final Setting<Optional<Path>> ROUTING_FILE =
      add(
          "routing.file",
          optional(file()),
          Optional.empty(),
          "A file with such an array. The broker does not start when it cannot be read.");
  static final Setting<Optional<URI>> ROUTING_URL =
      add(
          "routing.url",
          optional(url()),
          Optional.empty(),
          "Where such an array is to be had by GET, with status 200 and within 10 s. The broker"
              + " does not start when it cannot be read.");
  static final Setting<Duration> ROUTING_RELOAD =
      add(
          "routing.reload",
          durationOrUnlimited(),
          Duration.ZERO,
          "How often `routing.file` or `routing.url` is read again; `unlimited` never. What cannot"
              + " be read or used leaves the routes as they were, and is counted and logged.");
  static final Setting<Long> MEMORY_WINDOW =
      add(
          "memory.windowBytes",
          size(MIB, 1024 * GIB),
          32 * MIB,
          "Messages of queues and logs that are read ahead of their consumers, all together.");
  static final Setting<Long> MEMORY_BLOCK_CACHE =
      add(
          "memory.blockCacheBytes",
          size(MIB, 1024 * GIB),
          32 * MIB,
          "The engine's cache of disk blocks, outside the Java heap.");
  static final Setting<Long> MEMORY_MEMTABLE =
      add(
          "memory.memtableBytes",
          size(MIB, 1024 * GIB),
          64 * MIB,
          "The engine's write buffers, outside the Java heap.");
  static final Setting<Long> MEMORY_QUERY_CACHE =
      add(
          "memory.queryCacheBytes",
          size(0, GIB),
          64 * MIB,
          "Answers to queries that are kept for those who ask the same again.");
  static final Setting<Long> MEMORY_EVENT_QUEUE =
      add(
          "memory.eventQueueBytes",
          size(64 * KIB, GIB),
          16 * MIB,
          "Events, and apart from them requests, that may wait for one of the threads that serve"
              + " connections; beyond it publishers wait and requests are dropped.");
  static final Setting<Long> SLOW_BUFFER =
      add(
          "slowReceiver.bufferBytes",
          size(4 * KIB, GIB),
          MIB,
          "Bytes that may wait for one receiver's socket. Beyond it a log pauses, and continues"
              + " later from where it was; events may use a quarter more for up to 2 s, and are"
              + " then dropped for this receiver, and counted.");
  static final Setting<Boolean> METRICS_COMPAT =
      add(
          "metrics.compat",
          bool(),
          true,
          "Adds the metric families of KubeMQ (`kubemq_…`, without client ids) to `/metrics`.");
  static final Setting<Integer> METRICS_CHANNELS =
      add(
          "metrics.channels",
          integer(0, 100_000),
          100,
          "How many channels have their own series in `/metrics`, the busiest first; the others are"
              + " added up as `other`.");
  static final Setting<Duration> DRAIN_GRACE =
      add(
          "drain.grace",
          duration(Duration.ZERO, Duration.ofHours(1)),
          Duration.ofSeconds(10),
          "How long stopping may wait for work in flight.");
  static final Setting<LogLevel> LOGGING_LEVEL =
      add(
          "logging.level",
          oneOf(LogLevel.class),
          LogLevel.INFO,
          "How much the broker says about itself on standard error.");
  static final Setting<List<ChannelOverride>> CHANNELS =
      add(
          "channels",
          new ChannelOverridesType(),
          List.of(),
          "Settings of single channels, see [Channels](#channels).");

  private Settings() {}

  private static Setting<OptionalInt> listener(String key, int port, String doc) {
    return add(key, port(), OptionalInt.of(port), doc);
  }

  private static <T> Setting<T> add(String key, SettingType<T> type, T value, String doc) {
    return register(new Setting<>(key, type, value, doc, false));
  }

  private static <T> Setting<T> register(Setting<T> setting) {
    CATALOGUE.add(setting);
    return setting;
  }

  /** All settings, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return Collections.unmodifiableList(CATALOGUE);
  }

  /** The setting of this key. */
  static Optional<Setting<?>> find(String key) {
    return CATALOGUE.stream().filter(setting -> setting.key().equals(key)).findFirst();
  }
}
