// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import io.dragoman.security.AccessPolicy;
import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;
import java.util.function.Supplier;

/**
 * Who may use this dialect, and how much. With neither accounts nor tokens asked for everybody may
 * do everything; with one of them only who has an account, or a token.
 *
 * @param authenticator asked for those who have no account
 * @param limiter asked for every publish of those who came by a token
 * @param policy what else binds those who came by a token, as clients named by its subject
 * @param accounts backends that may use the API
 */
public record ConnmixSecurity(
    Authenticator authenticator,
    RateLimiter limiter,
    Supplier<AccessPolicy> policy,
    ConnmixAccounts accounts) {}
