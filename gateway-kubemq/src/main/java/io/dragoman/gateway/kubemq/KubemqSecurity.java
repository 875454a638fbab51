// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.core.Metrics;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;
import java.util.function.Supplier;

/**
 * Who may use this dialect, and for what (spec: kubemq §5.3, §5.4).
 *
 * @param authenticator asked for every request, call and handshake
 * @param policy which client may use which channels; asked for each message that is sent
 * @param limiter asked for each event, stored or not
 */
public record KubemqSecurity(
    Authenticator authenticator, Supplier<AccessPolicy> policy, RateLimiter limiter) {

  /** Everybody may do everything. */
  public static KubemqSecurity open() {
    return new KubemqSecurity(
        Authenticator.open(), () -> AccessPolicy.OPEN, new RateLimiter(new Metrics()));
  }
}
