// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.admin.AdminGateway;
import io.dragoman.admin.AdminOptions;
import io.dragoman.core.CoreBroker;
import io.dragoman.core.DisciplinedClock;
import io.dragoman.core.Metrics;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.Recovery;
import io.dragoman.engine.embedded.EmbeddedEngine;
import io.dragoman.gateway.connmix.ConnmixAccounts;
import io.dragoman.gateway.connmix.ConnmixGateway;
import io.dragoman.gateway.connmix.ConnmixSecurity;
import io.dragoman.gateway.connmix.client.ClientGateway;
import io.dragoman.gateway.connmix.client.ClientSecurity;
import io.dragoman.gateway.eventhub.EventhubGateway;
import io.dragoman.gateway.eventhub.EventhubSecurity;
import io.dragoman.gateway.kubemq.KubemqGateway;
import io.dragoman.gateway.kubemq.KubemqGrpcServer;
import io.dragoman.gateway.kubemq.KubemqRoutes;
import io.dragoman.gateway.kubemq.KubemqSecurity;
import io.dragoman.security.AccessPolicies;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;
import io.dragoman.server.internal.ConnmixListener;
import io.dragoman.server.internal.ListenerName;
import io.dragoman.server.internal.ServerConfig;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.ListenerTls;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One broker: its parts, started in the order in which they need each other and stopped in the
 * opposite one. Started and stopped by one thread.
 */
final class Node {
  private static final Duration ENGINE_GRACE = Duration.ofSeconds(5);
  private static final long RELEASE_MILLIS = 50;

  private final ServerConfig config;
  private final NodeOptions options;
  private final Metrics metrics = new Metrics();
  private final Engine engine;
  private final ListenersFile listenersFile;
  private final Deque<Runnable> closing = new ArrayDeque<>();

  private final Recovery recovery;
  private final CoreBroker broker;
  private final Transport transport;
  private final Runnable closeTransport;
  private final Authenticator authenticator;
  private final Supplier<AccessPolicy> policy;
  private final RateLimiter limiter = new RateLimiter(metrics);
  private final KubemqGateway kubemq;
  private final Listeners listeners;
  private @Nullable KubemqGrpcServer grpc;

  /**
   * Starts everything; the node is ready when this returns. What was started is stopped again when
   * a later part fails.
   *
   * @throws StartException if something that the operator can change is in the way
   */
  static Node start(ServerConfig config) {
    return new Node(config);
  }

  private Node(ServerConfig config) {
    this.config = config;
    options = new NodeOptions(config);
    engine = new EmbeddedEngine(options.engine());
    listenersFile = new ListenersFile(config.dataDir());
    try {
      // The event loops take as long to come up as the storage, and neither needs the other.
      CompletableFuture<Transport> loops =
          CompletableFuture.supplyAsync(() -> new Transport(options.transport(), metrics));
      closeTransport = () -> loops.thenAccept(Transport::close).join();
      closing.push(closeTransport);
      DisciplinedClock clock = DisciplinedClock.system().showIn(metrics);
      EngineContext context =
          new EngineContext(options.nodeName(), clock, metrics, config.channelSettings());
      recovery = engine.start(context);
      closing.push(() -> engine.close(ENGINE_GRACE));
      listenersFile.remove();
      broker = new CoreBroker(engine, options.core(), context);
      closing.push(broker::close);
      transport = loops.join();
      KubemqRoutes routes = options.routes(metrics);
      closing.push(routes::close);
      authenticator = options.authenticator(metrics);
      closing.push(authenticator::close);
      policy = policy();
      kubemq =
          new KubemqGateway(
              broker, options.kubemq(), routes, new KubemqSecurity(authenticator, policy, limiter));
      listeners = new Listeners(config, options, transport);
      openListeners();
      listenersFile.write(listeners.open());
    } catch (EngineException e) {
      closeAll();
      throw new StartException(StartException.FAILED, "data.dir: " + e.getMessage(), e);
    } catch (IOException e) {
      closeAll();
      throw new StartException(
          StartException.FAILED, "data.dir: cannot write listeners.json: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      closeAll();
      throw e;
    }
  }

  private Supplier<AccessPolicy> policy() {
    Optional<AccessPolicies> policies = options.policies(metrics);
    policies.ifPresent(each -> closing.push(each::close));
    return policies.<Supplier<AccessPolicy>>map(each -> each).orElse(() -> AccessPolicy.OPEN);
  }

  private void openListeners() {
    AdminGateway admin =
        new AdminGateway(broker, broker.channelStats(), adminOptions(), authenticator);
    closing.push(admin::close);
    Routes.Builder http = Routes.builder();
    admin.addRoutes(http);
    kubemq.addApiRoutes(http);
    EventhubGateway eventhub =
        new EventhubGateway(
            broker, options.eventhub(), new EventhubSecurity(authenticator, limiter));
    eventhub.addRoutes(http);
    listeners.open(ListenerName.HTTP, http.build());
    Routes.Builder own = Routes.builder();
    admin.addEventhubRoutes(own);
    eventhub.addOwnRoutes(own);
    listeners.open(ListenerName.EVENTHUB, own.build());
    listeners.open(ListenerName.KUBEMQ_REST, kubemq.restRoutes());
    listeners.open(ListenerName.KUBEMQ_GRPC, this::openGrpc);
    openConnmix(admin);
  }

  private void openConnmix(AdminGateway admin) {
    ConnmixAccounts accounts = options.accounts(metrics);
    closing.push(accounts::close);
    ConnmixGateway connmix =
        new ConnmixGateway(
            broker,
            options.connmix(),
            new ConnmixSecurity(authenticator, limiter, policy, accounts),
            () -> listeners.port(ListenerName.CONNMIX_API));
    Routes.Builder api = Routes.builder();
    connmix.addApiRoutes(api, admin.metrics());
    listeners.open(ListenerName.CONNMIX_API, api.build());
    Routes.Builder center = Routes.builder();
    connmix.addCenterRoutes(center, admin.metrics());
    listeners.open(ListenerName.CONNMIX_CENTER, center.build());
    openConnmixClients();
  }

  private void openConnmixClients() {
    Authenticator tokens = options.clientTokens(authenticator, metrics);
    if (tokens != authenticator) {
      closing.push(tokens::close);
    }
    ClientSecurity security = new ClientSecurity(authenticator, tokens, limiter);
    List<Listeners.Opening> openings = new ArrayList<>();
    for (ConnmixListener each : config.connmix().clients()) {
      ClientGateway clients = clients(each, security);
      closing.push(clients::close);
      openings.add(wanted -> clients.open(transport, secured(each, wanted)));
    }
    listeners.openClients(config.connmix().clients(), openings);
  }

  private ListenerOptions secured(ConnmixListener listener, ListenerOptions wanted) {
    if (listener.tls().isEmpty()) {
      return wanted;
    }
    try {
      ListenerTls tls = ListenerTls.open(wanted.name(), listener.tls().get(), metrics);
      closing.push(tls::close);
      return wanted.withTls(tls);
    } catch (IOException e) {
      throw new StartException(
          StartException.FAILED, "connmix.clients: " + wanted.name() + ": " + e.getMessage(), e);
    }
  }

  private ClientGateway clients(ConnmixListener listener, ClientSecurity security) {
    if (listener.script().isEmpty()) {
      return ClientGateway.ofRules(broker, options.clients(listener), listener.rules(), security);
    }
    try {
      return ClientGateway.ofScript(
          broker,
          options.clients(listener),
          listener.script().get(),
          config.connmix().redis(),
          security);
    } catch (IllegalArgumentException e) {
      throw new StartException(StartException.FAILED, "connmix.clients: " + e.getMessage(), e);
    }
  }

  private Listener openGrpc(ListenerOptions wanted) throws IOException {
    KubemqGrpcServer server = kubemq.openGrpc(wanted, transport);
    grpc = server;
    closing.push(() -> server.drain(Duration.ZERO));
    return server;
  }

  private AdminOptions adminOptions() {
    return new AdminOptions(
        Version.text(),
        config.durability().name().toLowerCase(Locale.ROOT),
        config.metrics().compat(),
        config.metrics().channels(),
        () -> listeners.surfaces());
  }

  CoreBroker core() {
    return broker;
  }

  ServerConfig config() {
    return config;
  }

  Recovery recovery() {
    return recovery;
  }

  Listeners listeners() {
    return listeners;
  }

  /** Refuses new work, finishes what is under way for at most the grace, then stops. */
  void stop(Duration grace) {
    removeListenersFile();
    broker.beginDrain();
    kubemq.acceptRequests(false);
    drain(grace);
    // The core is to see the last deliveries' sockets close before it is closed itself.
    closing.remove(closeTransport);
    closing.push(closeTransport);
    closeAll();
  }

  /** Long polls end at once, also those that come in on connections that are not closed yet. */
  private void drain(Duration grace) {
    List<Thread> draining = new ArrayList<>();
    draining.add(new Thread(() -> transport.drain(grace), "dragoman-drain"));
    KubemqGrpcServer calls = grpc;
    if (calls != null) {
      draining.add(new Thread(() -> calls.drain(grace), "dragoman-drain-grpc"));
    }
    draining.forEach(Thread::start);
    try {
      for (Thread each : draining) {
        do {
          engine.releaseWaiting();
          each.join(RELEASE_MILLIS);
        } while (each.isAlive());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeListenersFile() {
    try {
      listenersFile.remove();
    } catch (IOException e) {
      Loggers.SERVER.warn("The file listeners.json cannot be removed.", e);
    }
  }

  private void closeAll() {
    while (!closing.isEmpty()) {
      try {
        closing.pop().run();
      } catch (RuntimeException e) {
        Loggers.SERVER.warn("A part of the broker did not stop properly.", e);
      }
    }
  }
}
