// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.KubemqOptions.QueueLimits;
import io.dragoman.gateway.kubemq.KubemqSecurity;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.AuthOptions;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Principal;
import io.dragoman.security.RateLimiter;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class EntranceTest {
  private static final Checks CHECKS = new Checks(QueueLimits.DEFAULTS);

  @Test
  void shouldTakeEverybodyForTheSameWhenNoTokensAreRequired() {
    Entrance entrance = new Entrance(CHECKS, KubemqSecurity.open());

    assertThat(entrance.caller(FakeExchange.get("/")).principal()).isSameAs(Principal.ANYONE);
    assertThat(entrance.caller().principal()).isSameAs(Principal.ANYONE);
  }

  /** A route or call that is forgotten at the entrance fails instead of being open. */
  @Test
  void shouldNotLetAnybodyInPastIt() throws IOException {
    try (Authenticator authenticator =
        Authenticator.requiring(AuthOptions.secret("secret"), new Metrics())) {
      Entrance entrance =
          new Entrance(
              CHECKS,
              new KubemqSecurity(
                  authenticator, () -> AccessPolicy.OPEN, new RateLimiter(new Metrics())));

      assertThatThrownBy(() -> entrance.caller(FakeExchange.get("/")))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(entrance::caller).isInstanceOf(IllegalStateException.class);
    }
  }
}
