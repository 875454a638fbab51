// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.security.Principal;
import io.dragoman.security.RateLimiter;

/** What a client may do, as its token says (spec: eventhub §5). Safe from any thread. */
record Caller(Principal principal, RateLimiter limiter) {

  /** Whether it may read a topic, or all topics that a filter can match. */
  boolean maySubscribe(String topicOrFilter) {
    return principal.read().allowsFilter(topicOrFilter);
  }

  boolean mayPublish(String topic) {
    return principal.write().allows(topic);
  }

  boolean mayReadKey(String key) {
    return principal.read().allows(key);
  }

  boolean mayWriteKey(String key) {
    return principal.write().allows(key);
  }

  /** Who it is; empty when that is not known. */
  String subject() {
    return principal.subject();
  }

  /** Counts a publish against its rate limit; false when that is used up. */
  boolean takePublish(String topic) {
    return limiter.tryPublish(principal, topic);
  }
}
