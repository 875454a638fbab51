// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub;

import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;

/**
 * Who may use this dialect, and how much (spec: eventhub §5).
 *
 * @param authenticator asked for every connection and request
 * @param limiter asked for every publish
 */
public record EventhubSecurity(Authenticator authenticator, RateLimiter limiter) {}
