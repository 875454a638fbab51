// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Connection;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Result;
import io.dragoman.gateway.connmix.client.Admission;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientHandler;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientRules.Auth;
import io.dragoman.gateway.connmix.client.ClientRules.Filter;
import io.dragoman.gateway.connmix.client.ClientRules.Gate;
import io.dragoman.gateway.connmix.client.ClientRules.Headers;
import io.dragoman.gateway.connmix.client.ClientRules.MessageType;
import io.dragoman.gateway.connmix.client.ClientRules.Payload;
import io.dragoman.gateway.connmix.client.ClientRules.Route;
import io.dragoman.gateway.connmix.client.Template;
import io.dragoman.gateway.connmix.client.Template.Source;
import io.dragoman.gateway.connmix.client.internal.Admissions.Decision;
import io.dragoman.gateway.connmix.client.internal.ClientTraffic.Lost;
import io.dragoman.gateway.connmix.client.internal.HeldMessages.Held;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Principal;
import io.dragoman.security.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does with one client what the rules say. Everything that goes to topics goes through its {@link
 * Outbox}, so that backends get it in the order in which it happened. For one lane.
 */
final class RuleHandler implements ClientHandler {
  /**
   * The close code for a client whose token does not hold any more, or that is to be a member of a
   * channel that cannot be.
   */
  private static final int POLICY_VIOLATION = 1008;

  private static final int TRY_AGAIN_LATER = 1013;
  private static final int NOT_AUTHENTICATED = 4401;
  private static final int TOO_LATE = 4408;
  private static final Decision GONE = new Decision.Refused(503, "the client is gone");

  private final RuleHandlers shared;
  private final ClientRules rules;
  private final Client client;
  private final Outbox outbox;
  private final VerbRunner verbs;
  private final HeldMessages held = new HeldMessages();

  /** Channels whose names something is missing for. */
  private final List<Template> unsubscribed = new ArrayList<>();

  private Decision.Granted granted = Decision.Granted.to(Principal.ANYONE);
  private @Nullable CompletableFuture<Decision> asked;
  private Watch watch = Watch.NONE;
  private RuleHandlers.@Nullable Timer authTimer;
  private RuleHandlers.@Nullable Timer gateTimer;

  /** Whether messages are held until a key is set. */
  private boolean waiting;

  private boolean headersTold;
  private boolean opened;
  private boolean closed;
  private boolean paused;

  RuleHandler(RuleHandlers shared, Client client) {
    this.shared = shared;
    this.rules = shared.rules();
    this.client = client;
    this.outbox = new Outbox(shared, client, System::nanoTime, this::pauseOrRead);
    this.verbs = new VerbRunner(shared, client, this::pauseOrRead);
  }

  private Scope scope(JsonTree message) {
    return new Scope(client, granted.claims(), message);
  }

  // ---- coming

  @Override
  public CompletionStage<Admission> admit() {
    asked = shared.admissions().decide(client);
    return asked.thenApply(this::admission);
  }

  /** On whatever thread it was decided. */
  private Admission admission(Decision decision) {
    if (decision instanceof Decision.Refused refused) {
      return new Admission.Refused(refused.status(), refused.reason());
    }
    granted = (Decision.Granted) decision;
    Map<String, String> context = new LinkedHashMap<>(granted.context());
    Scope scope = scope(JsonTree.NONE);
    rules
        .context()
        .forEach(
            (key, template) -> {
              String value = scope.json(template);
              if (value != null) {
                context.put(key, value);
              }
            });
    if (!context.isEmpty()
        && client.connection().setContext(context) instanceof Result.Refused<Boolean> refused) {
      return new Admission.Refused(400, refused.error().detail());
    }
    return Admission.GRANTED;
  }

  @Override
  public void onOpen() {
    watch = authenticator().watch(granted.principal(), client.lane(), this::expired);
    unsubscribed.addAll(rules.subscribe());
    // Who cannot be a member of its channels is not told of, neither now nor at its end.
    if (!subscribe(granted.channels()) || !subscribeWhatCanBe() || closed) {
      return;
    }
    opened = true;
    if (rules.auth() instanceof Auth.Queue queue && isMissing(queue.key())) {
      authTimer =
          shared.after(
              queue.timeoutMillis(),
              client.lane(),
              () -> client.close(NOT_AUTHENTICATED, "not authenticated in time"));
    }
    String reply = granted.reply();
    if (reply != null) {
      client.send(reply.getBytes(StandardCharsets.UTF_8), false);
    }
    route(rules.onOpen(), scope(JsonTree.NONE), false, r -> EventBodies.opened(client, r));
    pauseOrRead();
  }

  private Authenticator authenticator() {
    return rules.auth() instanceof Auth.Jwt
        ? shared.security().tokens()
        : shared.security().broker();
  }

  private void expired() {
    client.close(POLICY_VIOLATION, "the token has expired");
  }

  private boolean isMissing(String key) {
    return client.connection().contextValue(key) == null;
  }

  /** Gives false if it cannot be, and the client is being closed, or is closed already. */
  private boolean subscribe(List<String> channels) {
    if (channels.isEmpty()) {
      return true;
    }
    Connection connection = client.connection();
    if (connection.subscribe(channels) instanceof Result.Refused<Boolean> refused) {
      boolean later = refused.error().code() == ErrorCode.TOO_MANY_SUBSCRIPTIONS;
      client.close(later ? TRY_AGAIN_LATER : POLICY_VIOLATION, refused.error().detail());
      return false;
    }
    return true;
  }

  private boolean subscribeWhatCanBe() {
    if (unsubscribed.isEmpty()) {
      return true;
    }
    Scope scope = scope(JsonTree.NONE);
    List<String> channels = new ArrayList<>();
    unsubscribed.removeIf(
        template -> {
          String channel = scope.fillWithSomething(template);
          if (channel != null && !channel.isEmpty() && granted.principal().read().allows(channel)) {
            channels.add(channel);
          }
          return channel != null;
        });
    return subscribe(channels);
  }

  @Override
  public void onContext(Set<String> keys) {
    if (!opened || closed) {
      return;
    }
    if (!subscribeWhatCanBe()) {
      return;
    }
    if (authTimer != null && rules.auth() instanceof Auth.Queue queue && !isMissing(queue.key())) {
      authTimer.cancel();
      authTimer = null;
    }
    if (waiting && !isMissing(rules.gate().orElseThrow().key())) {
      release();
    }
    pauseOrRead();
  }

  // ---- messages

  @Override
  public void onMessage(ByteBuf payload, boolean binary) {
    if (!opened || closed) {
      return;
    }
    boolean ping = rules.textPing() && !binary && TextPing.is(payload);
    if (ping) {
      // Whoever asks whether we are there is not made to wait.
      client.send(TextPing.answer(), false);
    }
    if (!ping || !rules.onPing().isEmpty()) {
      Held message = new Held(ByteBufUtil.getBytes(payload), binary, ping);
      if (waiting) {
        held.add(message);
      } else {
        process(message);
      }
    }
    pauseOrRead();
  }

  private void process(Held message) {
    if (message.ping()) {
      route(rules.onPing(), scope(JsonTree.NONE), false, r -> EventBodies.pinged(client, r));
      return;
    }
    boolean read = shared.readsMessages() && !message.binary();
    JsonTree json = read ? JsonTree.read(Unpooled.wrappedBuffer(message.payload())) : JsonTree.NONE;
    Scope scope = scope(json);
    if (!verbs.run(scope, granted.principal())) {
      route(rules.onMessage(), scope, message.binary(), route -> body(route, message));
    }
    Gate gate = rules.gate().orElse(null);
    if (gate != null && isMeant(gate.when(), scope, message.binary()) && isMissing(gate.key())) {
      waiting = true;
      gateTimer =
          shared.after(
              gate.timeoutMillis(),
              client.lane(),
              () -> client.close(TOO_LATE, gate.key() + " was not set in time"));
    }
  }

  private byte[] body(Route route, Held message) {
    boolean headers =
        route.payload() == Payload.FULL
            && (route.headers() == Headers.ALWAYS
                || route.headers() == Headers.FIRST && !headersTold);
    headersTold |= headers;
    return EventBodies.message(client, route, message.payload(), message.binary(), headers);
  }

  /** The first route that is for it. */
  private void route(
      List<Route> routes, Scope scope, boolean binary, Function<Route, byte[]> body) {
    for (Route each : routes) {
      if (isMeant(each.when(), scope, binary)) {
        Template topic = each.topic().orElse(null);
        if (topic != null) {
          send(scope.fill(topic), each, body);
        }
        return;
      }
    }
  }

  private void send(@Nullable String topic, Route route, Function<Route, byte[]> body) {
    if (topic == null || topic.isEmpty()) {
      shared.traffic().lost(Lost.NAME, 1);
    } else if (!mayWrite(topic, route)) {
      shared.traffic().lost(Lost.FORBIDDEN, 1);
    } else {
      outbox.add(topic, body.apply(route));
    }
  }

  /**
   * What a client says is bound by its token in topics as in channels. That it came and went is
   * told by the broker, unless it chooses the topic.
   */
  private boolean mayWrite(String topic, Route route) {
    Principal principal = granted.principal();
    boolean told = rules.onOpen().contains(route) || rules.onClose().contains(route);
    if (told && route.topic().stream().noneMatch(RuleHandler::isChosen)) {
      return true;
    }
    return principal.write().allows(topic)
        && (told || shared.security().limiter().tryPublish(principal, topic));
  }

  private static boolean isChosen(Template topic) {
    return topic.places().stream()
        .anyMatch(place -> place.source() == Source.QUERY || place.source() == Source.HEADER);
  }

  private static boolean isMeant(Filter filter, Scope scope, boolean binary) {
    if (filter.type() != MessageType.ANY && (filter.type() == MessageType.BINARY) != binary) {
      return false;
    }
    for (Map.Entry<String, String> each : filter.equal().entrySet()) {
      JsonTree found = scope.message().at(each.getKey());
      if (found == null || !each.getValue().equals(found.text())) {
        return false;
      }
    }
    return true;
  }

  /** The key is set: what waited goes on, up to the next message that has to be waited for. */
  private void release() {
    waiting = false;
    if (gateTimer != null) {
      gateTimer.cancel();
      gateTimer = null;
    }
    while (!waiting) {
      Held next = held.next();
      if (next == null) {
        return;
      }
      process(next);
    }
  }

  private void pauseOrRead() {
    if (closed || !opened) {
      return;
    }
    boolean full = outbox.full() || verbs.full() || waiting && held.full() || client.behind();
    if (full != paused) {
      paused = full;
      if (full) {
        client.pauseReading();
      } else {
        client.resumeReading();
      }
    }
  }

  @Override
  public void onWritable() {
    pauseOrRead();
  }

  @Override
  public boolean working() {
    return !verbs.isIdle() || !outbox.isEmpty();
  }

  // ---- going

  @Override
  public void onClose(int code, String reason) {
    closed = true;
    if (asked != null) {
      asked.complete(GONE);
    }
    watch.cancel();
    if (authTimer != null) {
      authTimer.cancel();
    }
    if (gateTimer != null) {
      gateTimer.cancel();
    }
    shared.traffic().lost(Lost.HELD, held.size());
    if (opened) {
      route(
          rules.onClose(),
          scope(JsonTree.NONE),
          false,
          r -> EventBodies.closed(client, r, code, reason));
    }
    outbox.end();
  }
}
