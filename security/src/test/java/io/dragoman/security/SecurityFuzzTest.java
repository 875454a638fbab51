// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import io.dragoman.security.AccessPolicy.Action;
import io.dragoman.testkit.Mutations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Whatever foreign bytes say, the answer is a yes, a no, or words that say what is wrong. */
final class SecurityFuzzTest {
  private static final Authenticator AUTHENTICATOR = authenticator();

  private static Authenticator authenticator() {
    try {
      return Authenticator.requiring(AuthOptions.secret(Tokens.SECRET), new Metrics());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @FuzzTest
  void anyToken(byte[] data) {
    token(data);
  }

  @Test
  void shouldTakeDamagedTokens() {
    Mutations.of(SecurityFuzzTest.class, "anyToken", 20_000, SecurityFuzzTest::token);
  }

  /** Nobody but the seeds' author has the secret. */
  private static void token(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    assertThat(AUTHENTICATOR.authenticate(text)).isNotNull();
    assertThat(AUTHENTICATOR.authenticateForTopics(text)).isNotNull();
  }

  @FuzzTest
  void anyClaims(byte[] data) {
    claims(data);
  }

  @Test
  void shouldTakeDamagedClaims() {
    Mutations.of(SecurityFuzzTest.class, "anyClaims", 10_000, SecurityFuzzTest::claims);
  }

  private static void claims(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    Authentication outcome = AUTHENTICATOR.authenticate(Tokens.of(text));
    if (outcome instanceof Authentication.Accepted accepted) {
      Principal who = accepted.principal();
      assertThat(who.read().allows("a/b") && !who.read().allowsFilter("a/b")).isFalse();
      assertThat(who.rateLimit("c") == null || who.rateLimit("c").max() >= 0).isTrue();
    }
  }

  @FuzzTest
  void anyPolicy(byte[] data) {
    policy(data);
  }

  @Test
  void shouldTakeDamagedPolicies() {
    Mutations.of(SecurityFuzzTest.class, "anyPolicy", 10_000, SecurityFuzzTest::policy);
  }

  private static void policy(byte[] data) {
    AccessPolicy policy;
    try {
      policy = AccessPolicy.parse(new String(data, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s).+");
      return;
    }
    for (Kind kind : Kind.values()) {
      for (Action action : Action.values()) {
        for (String channel : new String[] {"orders.a", "orders.>", "aaaaaaaaaaaaaaaaaac"}) {
          assertThat(policy.check("orders1", kind, ChannelFilter.dotted(channel), action))
              .isNotNull();
        }
      }
    }
  }

  @FuzzTest
  void anyKeys(byte[] data) {
    keys(data);
  }

  @Test
  void shouldTakeDamagedKeys() {
    Mutations.of(SecurityFuzzTest.class, "anyKeys", 3_000, SecurityFuzzTest::keys);
  }

  private static void keys(byte[] data) {
    try {
      assertThat(PublicKeys.parse(new String(data, StandardCharsets.UTF_8))).isNotEmpty();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }
}
