// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.core.CoreOptions;
import io.dragoman.core.Metrics;
import io.dragoman.engine.embedded.EmbeddedOptions;
import io.dragoman.gateway.connmix.ConnmixAccounts;
import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.KubemqOptions.QueueLimits;
import io.dragoman.gateway.kubemq.KubemqRoutes;
import io.dragoman.security.AccessPolicies;
import io.dragoman.security.AuthOptions;
import io.dragoman.security.Authenticator;
import io.dragoman.server.internal.ConnmixAccountsFile;
import io.dragoman.server.internal.ConnmixListener;
import io.dragoman.server.internal.ListenerName;
import io.dragoman.server.internal.ServerConfig;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.OriginPolicy;
import io.dragoman.transport.TransportOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Translates the configuration into the options of each module. */
final class NodeOptions {
  /** A client is gone when it has missed two pings and the third is due. */
  private static final int PINGS_BEFORE_TIMEOUT = 3;

  private final ServerConfig config;

  NodeOptions(ServerConfig config) {
    this.config = config;
  }

  String nodeName() {
    return config.nodeName().orElseGet(HostName::get);
  }

  EmbeddedOptions engine() {
    ServerConfig.Memory memory = config.memory();
    ServerConfig.Limits limits = config.limits();
    return EmbeddedOptions.in(config.dataDir())
        .withAsyncSyncMillis(config.asyncSyncMillis())
        .withMemory(memory.windowBytes(), memory.blockCacheBytes(), memory.memtableBytes())
        .withLimits(config.dataMinFree(), limits.channels(), limits.unwrittenBytes())
        .withKeys(limits.keys(), config.durability());
  }

  CoreOptions core() {
    ServerConfig.Limits limits = config.limits();
    return CoreOptions.DEFAULT.toBuilder()
        .messageBytesMax((int) limits.messageBytes())
        .channelNameBytesMax(limits.channelNameBytes())
        .channelsMax(limits.channels())
        .subscriptionsMax(limits.subscriptions())
        .queueDefaultMaxReceiveCount(config.queues().maxReceiveCount())
        .queryCacheBytesMax(config.memory().queryCacheBytes())
        .laneQueueBytesMax(config.memory().eventQueueBytes())
        .logToEvents(config.logToEvents())
        .nodeNumber(config.nodeNumber())
        .connectionChannelsMax(config.connmix().channelsMax())
        .connectionContextMax(config.connmix().contextChars())
        .build();
  }

  KubemqOptions kubemq() {
    return new KubemqOptions(
        nodeName(),
        Version.text(),
        queueLimits(),
        config.limits().messageBytes(),
        KubemqOptions.CacheTtlUnit.valueOf(config.kubemqCacheTtlUnit().name()),
        (int) config.slowReceiverBytes());
  }

  EventhubOptions eventhub() {
    ServerConfig.Eventhub eventhub = config.eventhub();
    EventhubOptions defaults = EventhubOptions.DEFAULTS;
    return new EventhubOptions(
        eventhub.eventLog(),
        eventhub.keyValues(),
        eventhub.sse(),
        eventhub.historyMax(),
        defaults.historyBytesMax(),
        config.limits().historiesInFlightBytes(),
        (eventhub.defaultTtl().toMillis() + 999) / 1000,
        eventhub.frameBytes(),
        (int) config.slowReceiverBytes(),
        defaults.subscriptionsMax(),
        config.limits().channelNameBytes(),
        eventhub.pingInterval().toMillis());
  }

  ConnmixOptions connmix() {
    ServerConfig.Connmix connmix = config.connmix();
    return new ConnmixOptions(
        Version.text(),
        connmix.apiAddress(),
        (int) Math.min(connmix.frameBytes(), Integer.MAX_VALUE),
        (int) config.slowReceiverBytes(),
        connmix.topicsMax(),
        config.limits().channelNameBytes(),
        Math.max(1, connmix.readTimeout().toMillis() / PINGS_BEFORE_TIMEOUT),
        connmix.publishBySend());
  }

  /**
   * The accounts of connmix' backends.
   *
   * @throws StartException if their file cannot be read
   */
  ConnmixAccounts accounts(Metrics metrics) {
    ServerConfig.Connmix connmix = config.connmix();
    if (connmix.usersFile().isEmpty()) {
      return ConnmixAccounts.of(connmix.users(), metrics);
    }
    Path file = connmix.usersFile().get();
    try {
      return ConnmixAccounts.file(
          file, connmix.usersReload(), text -> ConnmixAccountsFile.parse(file, text), metrics);
    } catch (IOException e) {
      throw new StartException(StartException.FAILED, "connmix.access.file: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the routes.
   *
   * @throws StartException if that cannot be done
   */
  KubemqRoutes routes(Metrics metrics) {
    ServerConfig.Routing routing = config.routing();
    String key = "routing.data";
    try {
      if (routing.file().isPresent()) {
        key = "routing.file";
        return KubemqRoutes.file(routing.file().get(), routing.reload(), metrics);
      }
      if (routing.url().isPresent()) {
        key = "routing.url";
        return KubemqRoutes.url(routing.url().get(), routing.reload(), metrics);
      }
      return KubemqRoutes.of(routing.data().orElse("[]"), metrics);
    } catch (IOException e) {
      throw new StartException(StartException.FAILED, key + ": " + e.getMessage(), e);
    }
  }

  /**
   * What lets people in. Reads the keys of tokens if they are required.
   *
   * @throws StartException if that cannot be done
   */
  Authenticator authenticator(Metrics metrics) {
    return config.authEnabled().orElse(false) ? requiring(metrics) : Authenticator.open();
  }

  private Authenticator requiring(Metrics metrics) {
    ServerConfig.Jwt jwt = config.jwt();
    AuthOptions how =
        new AuthOptions(jwt.secret(), jwt.keys(), jwt.reload(), Set.copyOf(jwt.algorithms()));
    if (config.nobodyMayAdminister() || !config.administrators().isEmpty()) {
      how = how.withAdministrators(Set.copyOf(config.administrators()));
    }
    try {
      return Authenticator.requiring(how, metrics);
    } catch (IOException e) {
      throw new StartException(StartException.FAILED, "auth.jwt.keys: " + e.getMessage(), e);
    }
  }

  /**
   * Reads KubeMQ's authorization policy; empty if there is none.
   *
   * @throws StartException if that cannot be done
   */
  Optional<AccessPolicies> policies(Metrics metrics) {
    ServerConfig.Policy policy = config.kubemqPolicy();
    String key = "kubemq.policy.data";
    try {
      if (policy.file().isPresent()) {
        key = "kubemq.policy.file";
        return Optional.of(AccessPolicies.file(policy.file().get(), policy.reload(), metrics));
      }
      if (policy.url().isPresent()) {
        key = "kubemq.policy.url";
        return Optional.of(AccessPolicies.url(policy.url().get(), policy.reload(), metrics));
      }
      return policy.data().isPresent()
          ? Optional.of(AccessPolicies.of(policy.data().get(), metrics))
          : Optional.empty();
    } catch (IOException e) {
      throw new StartException(StartException.FAILED, key + ": " + e.getMessage(), e);
    }
  }

  private QueueLimits queueLimits() {
    ServerConfig.Queues queues = config.queues();
    return new QueueLimits(
        queues.maxNumberOfMessages(),
        (int) queues.maxWait().toSeconds(),
        (int) queues.defaultWait().toSeconds(),
        (int) queues.maxExpiration().toSeconds(),
        (int) queues.maxDelay().toSeconds(),
        queues.maxReceiveCount(),
        (int) queues.maxVisibility().toSeconds(),
        (int) queues.defaultVisibility().toSeconds());
  }

  TransportOptions transport() {
    return TransportOptions.builder()
        .bodyBytesMax(kubemq().jsonBytesMax())
        .bodyBytesInFlightMax(config.limits().bodiesInFlightBytes())
        .connectionsMax(config.limits().connections())
        .build();
  }

  /** How the listeners of the transport take clients of connmix. */
  ClientOptions clients(ConnmixListener listener) {
    return listener.options().withSendBufferBytes((int) config.slowReceiverBytes());
  }

  /** A listener for clients of connmix. */
  ListenerOptions clients(String label, ConnmixListener listener, int port) {
    return listener(ListenerName.CONNMIX_CLIENT, port, label)
        .hosts(List.of(listener.bind().orElse(config.bind())))
        .build();
  }

  /**
   * What verifies tokens where a listener for clients of connmix requires them, whatever the broker
   * does.
   *
   * @throws StartException if that cannot be done
   */
  Authenticator clientTokens(Authenticator broker, Metrics metrics) {
    boolean needed = config.connmix().clients().stream().anyMatch(ConnmixListener::verifiesTokens);
    return needed && !broker.isRequired() ? requiring(metrics) : broker;
  }

  /** A listener of this name. */
  ListenerOptions listener(ListenerName name, int port) {
    return listener(name, port, name.label()).build();
  }

  /**
   * A listener. Loopback is no protection against web pages, whose browser runs on this machine
   * too: they are told by host and origin, but for KubeMQ's and connmix's own routes, which every
   * page may use. So may they Eventhub's where somebody told us to open that, or tokens are asked
   * for; that a variable is set whose name many programs know is no such word.
   */
  private ListenerOptions.Builder listener(ListenerName name, int port, String label) {
    boolean meant = !config.listener(name).foreign() || config.authEnabled().orElse(Boolean.FALSE);
    boolean open = name != ListenerName.HTTP && meant;
    return ListenerOptions.builder(label)
        .hosts(List.of(config.bind()))
        .port(port)
        .allowedHosts(config.http().allowedHosts())
        .originPolicy(open ? OriginPolicy.ANY : OriginPolicy.SAME_ORIGIN_OR_LISTED)
        .allowedOrigins(config.http().allowedOrigins())
        .cors(open)
        .requestHeaderTimeoutMillis(
            name == ListenerName.EVENTHUB ? config.eventhub().handshakeTimeout().toMillis() : 0)
        .bodyBytesMax(name == ListenerName.CONNMIX_API ? config.connmix().frameBytes() : 0);
  }
}
