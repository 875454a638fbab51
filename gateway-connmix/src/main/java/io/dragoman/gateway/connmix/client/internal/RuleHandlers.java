// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Connections;
import io.dragoman.core.Lane;
import io.dragoman.core.Queues;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientHandler;
import io.dragoman.gateway.connmix.client.ClientHandlers;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientRules.Route;
import io.dragoman.gateway.connmix.client.ClientSecurity;
import io.dragoman.gateway.connmix.client.Template;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Does with the clients of one listener what rules say. Safe from any thread. */
public final class RuleHandlers implements ClientHandlers {
  private final Broker broker;
  private final ClientRules rules;
  private final ClientTraffic traffic;
  private final ClientSecurity security;
  private final Admissions admissions;
  private final Topics topics;
  private final boolean readsMessages;
  private final ScheduledThreadPoolExecutor timers;

  /** Handlers that take clients at once. */
  public RuleHandlers(
      Broker broker, ClientOptions options, ClientRules rules, ClientSecurity security) {
    this.broker = broker;
    this.rules = rules;
    this.security = security;
    this.traffic = new ClientTraffic(broker.metrics(), options.protocol());
    this.admissions = new Admissions(rules, security);
    this.topics = new Topics(rules.topicsMax(), named(rules), broker.channels());
    this.readsMessages = readsMessages(rules);
    this.timers =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-timers");
              made.setDaemon(true);
              return made;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    timers.setRemoveOnCancelPolicy(true);
  }

  /** Whether what messages say matters to any rule. */
  private static boolean readsMessages(ClientRules rules) {
    return !rules.verbs().byName().isEmpty()
        || rules.gate().map(gate -> !gate.when().equal().isEmpty()).orElse(false)
        || rules.onMessage().stream().anyMatch(RuleHandlers::readsMessages);
  }

  private static boolean readsMessages(Route route) {
    return !route.when().equal().isEmpty()
        || route.topic().stream()
            .flatMap(topic -> topic.places().stream())
            .anyMatch(place -> place.source() == Template.Source.MESSAGE);
  }

  /** The topics whose names are the same for all clients. */
  private static Set<String> named(ClientRules rules) {
    return Stream.of(rules.onOpen(), rules.onMessage(), rules.onClose(), rules.onPing())
        .flatMap(List::stream)
        .flatMap(route -> route.topic().stream())
        .filter(topic -> topic.places().isEmpty())
        .map(Template::text)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public ClientHandler handler(Client client) {
    return new RuleHandler(this, client);
  }

  ClientRules rules() {
    return rules;
  }

  ClientSecurity security() {
    return security;
  }

  ClientTraffic traffic() {
    return traffic;
  }

  Admissions admissions() {
    return admissions;
  }

  Topics topics() {
    return topics;
  }

  Queues queues() {
    return broker.queues();
  }

  Connections connections() {
    return broker.connections();
  }

  boolean readsMessages() {
    return readsMessages;
  }

  /** Runs a task on the lane later. */
  Timer after(long millis, Lane lane, Runnable task) {
    var scheduled = timers.schedule(() -> lane.execute(task), millis, TimeUnit.MILLISECONDS);
    return () -> scheduled.cancel(false);
  }

  /** Something that will happen later. */
  @FunctionalInterface
  interface Timer {
    void cancel();
  }

  @Override
  public void close() {
    timers.shutdownNow();
    admissions.close();
  }
}
