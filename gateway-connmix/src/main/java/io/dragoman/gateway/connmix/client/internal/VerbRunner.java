// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Connection;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import io.dragoman.core.Result;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientRules.Action;
import io.dragoman.gateway.connmix.client.ClientRules.Verb;
import io.dragoman.gateway.connmix.client.ClientRules.Verbs;
import io.dragoman.gateway.connmix.client.Template;
import io.dragoman.security.Principal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Does what one client asks for by itself, and answers. For one lane. */
final class VerbRunner {
  private static final int UNDER_WAY_MAX = 64;
  private static final byte[] DONE = bytes("{\"result\":true}");
  private static final byte[] PONG = bytes("{\"op\":\"pong\"}");

  /** Values that a backend sets to say no. */
  private static final Set<String> NOTHING = Set.of("null", "false", "0", "\"\"");

  private final RuleHandlers shared;
  private final Client client;
  private final Runnable onProgress;
  private int underWay;

  /**
   * @param onProgress is run when something that was under way is done
   */
  VerbRunner(RuleHandlers shared, Client client, Runnable onProgress) {
    this.shared = shared;
    this.client = client;
    this.onProgress = onProgress;
  }

  /** Whether the client should not be read for now. */
  boolean full() {
    return underWay >= UNDER_WAY_MAX;
  }

  boolean isIdle() {
    return underWay == 0;
  }

  /** Does what a message asks for; gives false if it asks for nothing. */
  boolean run(Scope scope, Principal principal) {
    Verbs verbs = shared.rules().verbs();
    JsonTree name = verbs.byName().isEmpty() ? null : scope.message().at(verbs.pointer());
    Verb verb = name == null || name.text() == null ? null : verbs.byName().get(name.text());
    if (verb == null) {
      return false;
    }
    if (verb.requireContext().map(key -> !isSet(key)).orElse(false)) {
      refuse("not authenticated");
    } else if (verb.action() == Action.PING) {
      client.send(PONG, false);
    } else {
      run(verb, scope, principal);
    }
    return true;
  }

  private boolean isSet(String key) {
    String value = client.connection().contextValue(key);
    return value != null && !NOTHING.contains(value);
  }

  private void run(Verb verb, Scope scope, Principal principal) {
    List<String> channels = scope.all(verb.channel());
    if (channels.isEmpty()) {
      refuse("no channel");
      return;
    }
    for (String channel : channels) {
      if (!allowed(verb, scope, principal, channel)) {
        refuse("channel " + channel + " is not allowed");
        return;
      }
    }
    Connection connection = client.connection();
    switch (verb.action()) {
      case SUBSCRIBE -> {
        if (connection.subscribe(channels) instanceof Result.Refused<Boolean> refused) {
          refuse(refused.error().detail());
        } else {
          client.send(DONE, false);
        }
      }
      case UNSUBSCRIBE -> {
        connection.unsubscribe(channels);
        client.send(DONE, false);
      }
      case PUBLISH -> publish(verb, scope, principal, channels);
      case PING -> throw new IllegalStateException("a ping has no channel");
    }
  }

  private static boolean allowed(Verb verb, Scope scope, Principal principal, String channel) {
    boolean byToken =
        verb.action() == Action.PUBLISH
            ? principal.write().allows(channel)
            : principal.read().allows(channel);
    // Nobody has to be allowed to leave.
    if (verb.action() == Action.UNSUBSCRIBE) {
      return true;
    }
    return byToken && verb.allow().stream().anyMatch(each -> matches(each, scope, channel));
  }

  private static boolean matches(Template pattern, Scope scope, String channel) {
    Predicate<String> filled = pattern.pattern(scope::text);
    return filled != null && filled.test(channel);
  }

  private void publish(Verb verb, Scope scope, Principal principal, List<String> channels) {
    String data = scope.fill(verb.data());
    if (data == null) {
      refuse("no data");
      return;
    }
    if (channels.size() > 1) {
      refuse("more than one channel");
      return;
    }
    String channel = channels.get(0);
    if (!shared.security().limiter().tryPublish(principal, channel)) {
      refuse("too many messages to " + channel);
      return;
    }
    Message message =
        Message.builder()
            .channel(channel)
            .clientId(Long.toString(client.connection().id()))
            .body(bytes(data))
            .build();
    underWay++;
    LaneStep.guarded(
        shared.connections().publish(new Push(message, false)),
        client.lane(),
        this::published,
        client::failed);
  }

  private void published(Result<PublishCount> outcome) {
    underWay--;
    if (outcome instanceof Result.Refused<PublishCount> refused) {
      refuse(refused.error().detail());
    } else {
      client.send(DONE, false);
    }
    onProgress.run();
  }

  private void refuse(@Nullable String text) {
    client.send(bytes("{\"code\":1,\"msg\":" + JsonTree.quoted(String.valueOf(text)) + "}"), false);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
