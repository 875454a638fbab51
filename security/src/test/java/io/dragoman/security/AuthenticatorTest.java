// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthenticatorTest {
  private static final String READ_ALL = "{\"read\":[\"#\"]}";

  private final AtomicLong now = new AtomicLong(1_000);
  private final Metrics metrics = new Metrics();
  private Authenticator authenticator;

  @TempDir Path directory;

  @BeforeEach
  void requireTokens() throws IOException {
    authenticator = requiring(AuthOptions.secret(Tokens.SECRET));
  }

  @AfterEach
  void close() {
    authenticator.close();
  }

  private Authenticator requiring(AuthOptions options) throws IOException {
    return Authenticator.requiring(options, metrics, now::get);
  }

  private static Principal accepted(Authentication outcome) {
    assertThat(outcome).isInstanceOf(Authentication.Accepted.class);
    return ((Authentication.Accepted) outcome).principal();
  }

  private static Refusal refused(Authentication outcome) {
    assertThat(outcome).isInstanceOf(Authentication.Refused.class);
    return ((Authentication.Refused) outcome).reason();
  }

  @Test
  void shouldLetEverybodyInWhenNoTokensAreRequired() {
    Authenticator open = Authenticator.open();

    assertThat(open.isRequired()).isFalse();
    assertThat(accepted(open.authenticate(null))).isSameAs(Principal.ANYONE);
    assertThat(accepted(open.authenticateForTopics("rubbish"))).isSameAs(Principal.ANYONE);
    assertThat(Principal.ANYONE.subject()).isEmpty();
    assertThat(Principal.ANYONE.isLimited()).isFalse();
    assertThat(Principal.ANYONE.read().allowsFilter("#")).isTrue();
  }

  @Test
  void shouldReadTheClaims() {
    Principal who =
        accepted(
            authenticator.authenticateForTopics(
                Tokens.of(
                    """
                    {"sub":"user1","read":["a/#","a b"],"write":["b/+"],"exp":2000,"iat":5,"iss":"x",
                     "rlimit":[{"topic":"b/+","interval":10,"max":3}]}
                    """)));

    assertThat(who.subject()).isEqualTo("user1");
    assertThat(who.read().entries()).containsExactly("a/#");
    assertThat(who.write().entries()).containsExactly("b/+");
    assertThat(who.expiresAtSeconds()).isEqualTo(2000);
    assertThat(who.rateLimit("b/1")).isEqualTo(new RateLimit("b/+", 10, 3));
    assertThat(who.isLimited()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "Bearer %s", "bearer %s", "  BEARER   %s  "})
  void shouldTakeTokensWithAndWithoutTheScheme(String form) {
    accepted(authenticator.authenticate(form.formatted(Tokens.of(READ_ALL))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "Bearer", "Bearer  "})
  void shouldSayThatThereIsNoToken(String credentials) {
    assertThat(refused(authenticator.authenticate(credentials))).isEqualTo(Refusal.NO_TOKEN);
    assertThat(refused(authenticator.authenticate(null))).isEqualTo(Refusal.NO_TOKEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "a.b",
        "a.b.c",
        "..",
        "...",
        "e30.e30.e30",
        "Basic dTpw",
        "a.b.c.d.e",
        "%.%.%"
      })
  void shouldRefuseWhatIsNoToken(String text) {
    assertThat(refused(authenticator.authenticate(text)))
        .isIn(Refusal.MALFORMED, Refusal.ALGORITHM);
  }

  @Test
  void shouldRefuseTokensLargerThanAnyHeader() {
    String claims = "{\"read\":[\"" + "a".repeat(Authenticator.TOKEN_LENGTH_MAX) + "\"]}";

    assertThat(refused(authenticator.authenticate(Tokens.of(claims)))).isEqualTo(Refusal.MALFORMED);
  }

  @Test
  void shouldRefuseAnotherSecretAndChangedClaims() {
    String good = Tokens.of(READ_ALL);
    String other = Tokens.signed("{\"alg\":\"HS256\"}", READ_ALL, Tokens.hmac("another"));
    String[] parts = good.split("\\.");
    String changed = parts[0] + "." + Tokens.part("{\"write\":[\"#\"]}") + "." + parts[2];

    accepted(authenticator.authenticate(good));
    assertThat(refused(authenticator.authenticate(other))).isEqualTo(Refusal.SIGNATURE);
    assertThat(refused(authenticator.authenticate(changed))).isEqualTo(Refusal.SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "HS384", "HS512", "RS256x", "A128KW", ""})
  void shouldRefuseOtherSignatureTypes(String algorithm) {
    String header = "{\"alg\":\"" + algorithm + "\"}";
    for (String signature : List.of("", "e30")) {
      assertThat(refused(authenticator.authenticate(Tokens.unsigned(header, READ_ALL, signature))))
          .isIn(Refusal.ALGORITHM, Refusal.MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HS384", "HS512"})
  void shouldTakeTheSecretsLongerHashesOnlyWhenTold(String algorithm) throws IOException {
    String token = Tokens.signed("{\"alg\":\"" + algorithm + "\"}", READ_ALL, secretKey());
    AuthOptions told =
        new AuthOptions(
            Optional.of(Tokens.SECRET), Optional.empty(), Duration.ZERO, Set.of(algorithm));

    assertThat(refused(authenticator.authenticate(token))).isEqualTo(Refusal.ALGORITHM);
    try (Authenticator other = requiring(told)) {
      accepted(other.authenticate(token));
      assertThat(refused(other.authenticate(Tokens.of(READ_ALL)))).isEqualTo(Refusal.ALGORITHM);
    }
  }

  private static java.security.Key secretKey() {
    return Tokens.hmac(Tokens.SECRET);
  }

  /** The public key is no secret: whoever has it could sign with it. */
  @Test
  void shouldNotTakeAPublicKeyForASecret() throws IOException {
    KeyPair pair = Tokens.pair("RSA", 2048);
    String pem = Tokens.pem(pair);
    Path file = Files.writeString(directory.resolve("key.pem"), pem);
    try (Authenticator other = requiring(AuthOptions.keys(file.toString(), Duration.ZERO))) {
      for (byte[] secret :
          List.of(pem.getBytes(StandardCharsets.UTF_8), pair.getPublic().getEncoded())) {
        String forged =
            Tokens.signed(
                "{\"alg\":\"HS256\"}",
                READ_ALL,
                new javax.crypto.spec.SecretKeySpec(secret, "HMAC"));
        assertThat(refused(other.authenticate(forged))).isEqualTo(Refusal.SIGNATURE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"JWT, true", "jwt, true", "at+jwt, true", "JOSE, false", "JWE, false"})
  void shouldTakeTokensThatSayTheyAreSome(String type, boolean expected) {
    String token =
        Tokens.signed("{\"alg\":\"HS256\",\"typ\":\"" + type + "\"}", READ_ALL, secretKey());

    assertThat(authenticator.authenticate(token) instanceof Authentication.Accepted)
        .isEqualTo(expected);
  }

  @Test
  void shouldHoldToTheTimesWithoutLeewayAlsoForTokensItKnows() {
    String token = Tokens.of("{\"read\":[\"#\"],\"nbf\":900,\"exp\":1100}");

    now.set(899);
    assertThat(refused(authenticator.authenticate(token))).isEqualTo(Refusal.NOT_YET_VALID);
    now.set(900);
    accepted(authenticator.authenticate(token));
    now.set(1099);
    accepted(authenticator.authenticate(token));
    now.set(1100);
    assertThat(refused(authenticator.authenticate(token))).isEqualTo(Refusal.EXPIRED);
  }

  /** Beyond 64 bits, and between seconds: never valid for longer than the token says. */
  @Test
  void shouldTakeTimesOfAnySize() {
    String large = "36893488147419103232";
    assertThat(refused(authenticator.authenticate(Tokens.of("{\"nbf\":" + large + "}"))))
        .isEqualTo(Refusal.NOT_YET_VALID);
    accepted(authenticator.authenticate(Tokens.of("{\"nbf\":-" + large + "}")));
    accepted(authenticator.authenticate(Tokens.of("{\"exp\":" + large + "}")));
    assertThat(refused(authenticator.authenticate(Tokens.of("{\"exp\":-" + large + "}"))))
        .isEqualTo(Refusal.EXPIRED);
    accepted(authenticator.authenticate(Tokens.of("{\"exp\":1e300}")));

    assertThat(refused(authenticator.authenticate(Tokens.of("{\"nbf\":1000.5}"))))
        .isEqualTo(Refusal.NOT_YET_VALID);
    assertThat(refused(authenticator.authenticate(Tokens.of("{\"exp\":1000.5}"))))
        .isEqualTo(Refusal.EXPIRED);
    now.set(1_001);
    accepted(authenticator.authenticate(Tokens.of("{\"nbf\":1000.5}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"read\":\"#\"}",
        "{\"read\":[\"#\",5]}",
        "{\"read\":null}",
        "{\"write\":{}}",
        "{\"read\":[\"#\"],\"sub\":5}",
        "{\"read\":[\"#\"],\"exp\":\"2000\"}",
        "{\"read\":[\"#\"],\"nbf\":[]}"
      })
  void shouldRefuseClaimsOfTheWrongType(String claims) {
    assertThat(refused(authenticator.authenticate(Tokens.of(claims)))).isEqualTo(Refusal.CLAIMS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"read\":[]}", "{\"read\":[\"/x\"],\"write\":[\"a#\"]}"})
  void shouldRefuseTokensThatOpenNoTopicWhereTopicsAreAskedFor(String claims) {
    assertThat(refused(authenticator.authenticateForTopics(Tokens.of(claims))))
        .isEqualTo(Refusal.NO_TOPICS);
    accepted(authenticator.authenticate(Tokens.of(claims)));
  }

  @Test
  void shouldLimitOnlyTokensWithTopicRules() {
    Principal plain = accepted(authenticator.authenticate(Tokens.of("{\"sub\":\"x\"}")));
    Principal reader = accepted(authenticator.authenticate(Tokens.of(READ_ALL)));
    Principal empty = accepted(authenticator.authenticate(Tokens.of("{\"read\":[]}")));
    Principal all =
        accepted(authenticator.authenticate(Tokens.of("{\"read\":[\"#\"],\"write\":[\"#\"]}")));

    assertThat(plain.isLimited()).isFalse();
    assertThat(plain.write().allows("anything")).isTrue();
    assertThat(reader.isLimited()).isTrue();
    assertThat(reader.write().isEmpty()).isTrue();
    assertThat(empty.isLimited()).isTrue();
    assertThat(all.isLimited()).isFalse();
  }

  /** The reference server dies of the second entry. */
  @Test
  void shouldSurviveMalformedRateLimits() {
    Principal who =
        accepted(
            authenticator.authenticateForTopics(
                Tokens.of(
                    """
                    {"sub":"u","write":["#"],"rlimit":[7,{},{"topic":"a"},{"topic":5,"interval":1,"max":1},
                     {"topic":"a","interval":"1","max":1},{"topic":"a","interval":-1,"max":1},
                     {"topic":"/","interval":1,"max":1},null,{"topic":"a","interval":4,"max":2}]}
                    """)));

    assertThat(who.rateLimit("a")).isEqualTo(new RateLimit("a", 4, 2));
    assertThat(
            accepted(
                    authenticator.authenticateForTopics(
                        Tokens.of("{\"sub\":\"u\",\"write\":[\"#\"],\"rlimit\":\"fast\"}")))
                .rateLimit("a"))
        .isNull();
  }

  /** Nothing in between is nothing. */
  @Test
  void shouldNotTakeFractionsOfRateLimitsForNone() {
    String claims =
        "{\"sub\":\"u\",\"write\":[\"#\"],\"rlimit\":[{\"topic\":\"a\",\"interval\":0.5,\"max\":0.1},"
            + "{\"topic\":\"b\",\"interval\":-0.5,\"max\":1},"
            + "{\"topic\":\"c\",\"interval\":36893488147419103232,\"max\":1}]}";
    Principal who = accepted(authenticator.authenticate(Tokens.of(claims)));

    assertThat(who.rateLimit("a")).isEqualTo(new RateLimit("a", 1, 1));
    assertThat(who.rateLimit("b")).isNull();
    assertThat(who.rateLimit("c")).isEqualTo(new RateLimit("c", Long.MAX_VALUE, 1));
  }

  @Test
  void shouldCountRefusalsByReason() {
    authenticator.authenticate(null);
    authenticator.authenticate("x");

    assertThat(count("no_token")).isEqualTo(1);
    assertThat(count("malformed")).isEqualTo(1);
    assertThat(count("expired")).isZero();
  }

  private long count(String reason) {
    return metrics.counter("dragoman_tokens_refused_total", "", "reason", reason).value();
  }

  @Test
  void shouldNotBeMadeWithoutAKey() {
    AuthOptions none =
        new AuthOptions(
            Optional.empty(), Optional.empty(), Duration.ZERO, AuthOptions.DEFAULT_ALGORITHMS);

    assertThatThrownBy(() -> requiring(none)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> requiring(AuthOptions.secret(""))).isInstanceOf(IOException.class);
  }

  @Test
  void shouldNeverShowWhatIsSecret() {
    assertThat(AuthOptions.secret("hunter2").toString()).doesNotContain("hunter2");
    for (Refusal each : Refusal.values()) {
      assertThat(each.words()).isNotEmpty();
    }
  }
}
