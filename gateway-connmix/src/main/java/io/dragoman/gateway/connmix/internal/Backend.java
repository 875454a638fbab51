// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Kind;
import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.AccessPolicy.Action;
import io.dragoman.security.AccessPolicy.Verdict;
import io.dragoman.security.Principal;
import io.dragoman.security.RateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a backend may do: by the role of its account, or as its token says (spec: connmix §2.8). A
 * token without topic rules may do everything; one that has them may consume what it may read and
 * publish to what it may write, and do nothing to single connections, which belong to no topic.
 * Where there is an access policy it binds backends with tokens in the same way, so that nobody
 * gets around it here.
 *
 * @param name its account's name or its token's subject; empty when there is none
 * @param reads whether it may look
 * @param writes whether it may consume, call, send and publish
 * @param accounts by which it came in
 */
record Backend(
    String name,
    boolean reads,
    boolean writes,
    Principal principal,
    RateLimiter limiter,
    Supplier<AccessPolicy> policy,
    List<ConnmixAccount> accounts) {

  private static AccessPolicy noPolicy() {
    return AccessPolicy.OPEN;
  }

  static Backend of(ConnmixAccount account, RateLimiter limiter) {
    return new Backend(
        account.name(),
        account.reads(),
        account.writes(),
        Principal.ANYONE,
        limiter,
        Backend::noPolicy,
        List.of(account));
  }

  /** Nobody is asked who they are. */
  static Backend anybody(RateLimiter limiter) {
    return new Backend("", true, true, Principal.ANYONE, limiter, Backend::noPolicy, List.of());
  }

  static Backend of(Principal principal, RateLimiter limiter, Supplier<AccessPolicy> policy) {
    return new Backend(principal.subject(), true, true, principal, limiter, policy, List.of());
  }

  /** The roles of both. */
  Backend and(Backend other) {
    List<ConnmixAccount> both = new ArrayList<>(accounts);
    both.addAll(other.accounts);
    return new Backend(
        name, reads || other.reads, writes || other.writes, principal, limiter, policy, both);
  }

  boolean mayConsume(String topic) {
    return writes && principal.read().allows(topic) && allows(Kind.QUEUE, topic, Action.READ);
  }

  boolean mayPublish(String channel) {
    return writes
        && principal.write().allows(channel)
        && allows(Kind.EVENTS, channel, Action.WRITE);
  }

  /** Whether it may send to connections, call and close them. */
  boolean mayReachConnections() {
    return writes && !principal.isLimited() && policy.get() == AccessPolicy.OPEN;
  }

  private boolean allows(Kind kind, String channel, Action action) {
    return policy.get().check(principal.subject(), kind, ChannelFilter.exact(channel), action)
        == Verdict.ALLOWED;
  }

  /** Counts a publish against its rate limit; false when that is used up. */
  boolean takePublish(String channel) {
    return limiter.tryPublish(principal, channel);
  }
}
