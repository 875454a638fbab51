// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueueSend;
import io.dragoman.gateway.kubemq.KubemqSecurity;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.AccessPolicy.Action;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Principal;
import io.dragoman.security.RateLimiter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whoever is asking for something: finds the first thing that is wrong with what they ask, and last
 * of all whether they may (spec: kubemq §5.4). What is asked must be allowed by the rules of their
 * token, if it has any, and by the access policy. Immutable; safe from any thread.
 */
final class Caller {
  private final Checks checks;
  private final Principal principal;
  private final Supplier<AccessPolicy> policy;
  private final RateLimiter limiter;
  private final Authenticator authenticator;

  Caller(Checks checks, Principal principal, KubemqSecurity security) {
    this.checks = checks;
    this.principal = principal;
    this.policy = security.policy();
    this.limiter = security.limiter();
    this.authenticator = security.authenticator();
  }

  Principal principal() {
    return principal;
  }

  /** Also counts the event against the rate limit of the token, if nothing is wrong with it. */
  @Nullable KubemqError event(Inputs.Event event) {
    KubemqError error = eventOfMany(event);
    return error != null ? error : takeEvent(event.message().channel());
  }

  /** For one that is to be sent to other channels too, so that it may still be refused. */
  @Nullable KubemqError eventOfMany(Inputs.Event event) {
    KubemqError error = Checks.event(event);
    return error != null
        ? error
        : write(named(event.message()), EventRules.kind(event), event.message().channel());
  }

  /** Counts an event against the rate limit of the token. */
  @Nullable KubemqError takeEvent(String channel) {
    return limiter.tryPublish(principal, channel) ? null : KubemqError.RATE_LIMITED;
  }

  /**
   * An event under the name of its sender. Other dialects show that as the sender's verified
   * identity, so whoever has a limited token goes by what the token says, and not by what he says.
   */
  Message signed(Message event) {
    return principal.isLimited() && !event.clientId().equals(principal.subject())
        ? event.toBuilder().clientId(principal.subject()).build()
        : event;
  }

  /** The client id that the policy is asked for; one without a subject goes by what he says. */
  private String named(Message event) {
    return principal.isLimited() && !principal.subject().isEmpty()
        ? principal.subject()
        : event.clientId();
  }

  @Nullable KubemqError request(Inputs.Request request) {
    KubemqError error = Checks.request(request);
    if (error == null) {
      String channel = request.message().channel();
      error = write(request.message().clientId(), RequestRules.kind(request), channel);
    }
    if (error == null && ChannelRequests.isMeant(request.message().channel())) {
      error = managed(request);
    }
    return error;
  }

  /** Making or deleting a channel is no less than writing to it. */
  private @Nullable KubemqError managed(Inputs.Request request) {
    Kind kind = ChannelRequests.changedKind(request);
    return kind == null
        ? null
        : write(request.message().clientId(), kind, ChannelRequests.channel(request));
  }

  /** What is sent to a queue may end in its dead-letter queue. */
  @Nullable KubemqError queueMessage(QueueSend send) {
    KubemqError error = checks.queueMessage(send);
    if (error == null) {
      error = write(send.message().clientId(), Kind.QUEUE, send.message().channel());
    }
    String deadLetters = send.policy().deadLetterQueue();
    return error != null || deadLetters.isEmpty()
        ? error
        : write(send.message().clientId(), Kind.QUEUE, deadLetters);
  }

  @Nullable KubemqError receive(Inputs.Receive receive) {
    KubemqError error = checks.receive(receive);
    return error != null ? error : read(receive.clientId(), Kind.QUEUE, receive.channel());
  }

  @Nullable KubemqError ackAll(Inputs.AckAll ackAll) {
    KubemqError error = checks.ackAll(ackAll);
    return error != null ? error : read(ackAll.clientId(), Kind.QUEUE, ackAll.channel());
  }

  @Nullable KubemqError poll(String clientId, String channel) {
    KubemqError error = Checks.poll(clientId, channel);
    return error != null ? error : read(clientId, Kind.QUEUE, channel);
  }

  /** Whether it may have what was polled by another of its connections, or by somebody else. */
  @Nullable KubemqError receive(String clientId, String channel) {
    return read(clientId, Kind.QUEUE, channel);
  }

  @Nullable KubemqError requeue(String clientId, String channel) {
    KubemqError error = Checks.requeue(channel);
    return error != null ? error : write(clientId, Kind.QUEUE, channel);
  }

  /** Settling a message that was received needs nothing more, sending it elsewhere does. */
  @Nullable KubemqError streamRequest(Inputs.StreamRequest request) {
    KubemqError error = checks.streamRequest(request);
    if (error != null) {
      return error;
    }
    return switch (request.type()) {
      case QueueTransaction.RECEIVE -> read(request.clientId(), Kind.QUEUE, request.channel());
      case QueueTransaction.RESEND -> write(request.clientId(), Kind.QUEUE, request.channel());
      case QueueTransaction.SEND_MODIFIED ->
          request.modified() == null ? null : queueMessage(request.modified());
      default -> null;
    };
  }

  @Nullable KubemqError subscribeToEvents(Inputs.Subscribe subscribe) {
    KubemqError error = Checks.subscribeToEvents(subscribe);
    boolean stored = subscribe.type() == Inputs.SubscribeType.EVENTS_STORE;
    return error != null ? error : subscribe(subscribe, stored ? Kind.LOG : Kind.EVENTS);
  }

  @Nullable KubemqError subscribeToRequests(Inputs.Subscribe subscribe) {
    KubemqError error = Checks.subscribeToRequests(subscribe);
    return error != null ? error : subscribe(subscribe, RequestRules.kind(subscribe));
  }

  private @Nullable KubemqError subscribe(Inputs.Subscribe subscribe, Kind kind) {
    ChannelFilter filter =
        kind.stored() ? ChannelFilter.exact(subscribe.channel()) : SubscribeRules.filter(subscribe);
    return read(subscribe.clientId(), kind, filter);
  }

  /** For what is about no single channel. A policy is about channels and does not say. */
  @Nullable KubemqError overview() {
    return authenticator.mayAdminister(principal) ? null : KubemqError.ACCESS_DENIED;
  }

  private @Nullable KubemqError write(String clientId, Kind kind, String channel) {
    AccessPolicy rules = policy.get();
    if (rules == AccessPolicy.OPEN && !principal.isLimited()) {
      return null;
    }
    return principal.write().allows(channel)
        ? verdict(rules.check(clientId, kind, ChannelFilter.exact(channel), Action.WRITE))
        : KubemqError.ACCESS_DENIED;
  }

  private @Nullable KubemqError read(String clientId, Kind kind, String channel) {
    return read(clientId, kind, ChannelFilter.exact(channel));
  }

  private @Nullable KubemqError read(String clientId, Kind kind, ChannelFilter filter) {
    return mayRead(filter)
        ? verdict(policy.get().check(clientId, kind, filter, Action.READ))
        : KubemqError.ACCESS_DENIED;
  }

  /** A pattern of this dialect crosses the levels that a token's rules are made of. */
  private boolean mayRead(ChannelFilter filter) {
    return filter.isExact() ? principal.read().allows(filter.text()) : principal.read().isAll();
  }

  private static @Nullable KubemqError verdict(AccessPolicy.Verdict verdict) {
    return switch (verdict) {
      case ALLOWED -> null;
      case DENIED -> KubemqError.ACCESS_DENIED;
      case NO_RULES -> KubemqError.NO_ENFORCER;
      case INCOMPLETE -> KubemqError.ACCESS_PARAMETERS;
    };
  }
}
