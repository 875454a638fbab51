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
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Does what one client asks for by itself, and answers. For one lane. */
final class VerbRunner {
  private static final int ANSWERS_MAX = 64;
  private static final long BYTES_MAX = 1 << 20;
  private static final byte[] DONE = bytes("{\"result\":true}");
  private static final byte[] PONG = bytes("{\"op\":\"pong\"}");

  private final RuleHandlers shared;
  private final Client client;
  private final Runnable onProgress;

  /** From the oldest that is not known yet: nothing in an answer says what it answers. */
  private final ArrayDeque<Answer> answers = new ArrayDeque<>();

  /** Of messages that are being published. */
  private long bytes;

  /** What is to be sent, when it is known. */
  private static final class Answer {
    private byte @Nullable [] text;
  }

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
    return answers.size() >= ANSWERS_MAX || bytes >= BYTES_MAX;
  }

  boolean isIdle() {
    return answers.isEmpty();
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
      answer(PONG);
    } else {
      run(verb, scope, principal);
    }
    return true;
  }

  private boolean isSet(String key) {
    String value = client.connection().contextValue(key);
    return Scope.isSomething(value);
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
          answer(DONE);
        }
      }
      case UNSUBSCRIBE -> {
        connection.unsubscribe(channels);
        answer(DONE);
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
    Answer later = new Answer();
    answers.add(later);
    bytes += message.weight();
    LaneStep.guarded(
        shared.connections().publish(new Push(message, false)),
        client.lane(),
        outcome -> published(message, later, outcome),
        client::failed);
  }

  private void published(Message message, Answer answer, Result<PublishCount> outcome) {
    bytes -= message.weight();
    answer.text =
        outcome instanceof Result.Refused<PublishCount> refused
            ? refusal(refused.error().detail())
            : DONE;
    Answer first = answers.peek();
    while (first != null && first.text != null) {
      client.send(first.text, false);
      answers.remove();
      first = answers.peek();
    }
    onProgress.run();
  }

  private void answer(byte[] text) {
    if (answers.isEmpty()) {
      client.send(text, false);
    } else {
      Answer next = new Answer();
      next.text = text;
      answers.add(next);
    }
  }

  private void refuse(String text) {
    answer(refusal(text));
  }

  private static byte[] refusal(String text) {
    return bytes("{\"code\":1,\"msg\":" + JsonTree.quoted(text) + "}");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
