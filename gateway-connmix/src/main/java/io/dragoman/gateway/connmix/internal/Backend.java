// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.security.Principal;
import io.dragoman.security.RateLimiter;

/**
 * What a backend may do: by the role of its account, or as its token says (spec: connmix §2.8). A
 * token without topic rules may do everything; one that has them may consume what it may read and
 * publish to what it may write, and do nothing to single connections, which belong to no topic.
 *
 * @param name its account's name or its token's subject; empty when there is none
 * @param reads whether it may look
 * @param writes whether it may consume, call, send and publish
 */
record Backend(
    String name, boolean reads, boolean writes, Principal principal, RateLimiter limiter) {

  static Backend of(ConnmixAccount account, RateLimiter limiter) {
    return new Backend(
        account.name(), account.reads(), account.writes(), Principal.ANYONE, limiter);
  }

  static Backend of(Principal principal, RateLimiter limiter) {
    return new Backend(principal.subject(), true, true, principal, limiter);
  }

  /** The roles of both. */
  Backend and(Backend other) {
    return new Backend(name, reads || other.reads, writes || other.writes, principal, limiter);
  }

  boolean mayConsume(String topic) {
    return writes && principal.read().allows(topic);
  }

  boolean mayPublish(String channel) {
    return writes && principal.write().allows(channel);
  }

  /** Whether it may send to connections, call and close them. */
  boolean mayReachConnections() {
    return writes && !principal.isLimited();
  }

  /** Counts a publish against its rate limit; false when that is used up. */
  boolean takePublish(String channel) {
    return limiter.tryPublish(principal, channel);
  }
}
