// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;

/**
 * Who may use a listener for clients, where its own rules do not say.
 *
 * @param broker lets in those whom the broker lets in: everybody, or who has a token
 * @param tokens verifies tokens where the rules require them, whatever the broker requires
 * @param limiter asked for what clients publish by themselves
 */
public record ClientSecurity(Authenticator broker, Authenticator tokens, RateLimiter limiter) {}
