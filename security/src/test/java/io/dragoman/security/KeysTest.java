// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens signed with private keys, and the places where the public ones come from. */
final class KeysTest {
  private static final Lane SAME_THREAD =
      new Lane() {
        @Override
        public void execute(Runnable task) {
          task.run();
        }

        @Override
        public boolean inLane() {
          return true;
        }
      };

  /** Not on this machine, as far as what is written goes. */
  private static final List<String> ELSEWHERE =
      List.of(
          "http://192.0.2.1/keys",
          "http://127.0.0.1.example.org/keys",
          "http://localhost.example.org/keys",
          "http://[::2]/keys");

  private static final String CLAIMS = "{\"sub\":\"x\"}";

  private final Metrics metrics = new Metrics();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService serving = Executors.newCachedThreadPool();
  private HttpServer server;

  @TempDir Path directory;

  @AfterEach
  void stop() {
    over.countDown();
    serving.shutdown();
    if (server != null) {
      server.stop(0);
    }
  }

  private Authenticator requiring(String place, Duration reload) throws IOException {
    return Authenticator.requiring(AuthOptions.keys(place, reload), metrics);
  }

  private String file(String text) throws IOException {
    return Files.writeString(directory.resolve("keys"), text).toString();
  }

  private static boolean accepts(Authenticator authenticator, String algorithm, KeyPair pair) {
    String token = Tokens.signed("{\"alg\":\"" + algorithm + "\"}", CLAIMS, pair.getPrivate());
    return authenticator.authenticate(token) instanceof Authentication.Accepted;
  }

  private static String jwks(String... keys) {
    return "{\"keys\":[" + String.join(",", keys) + "]}";
  }

  private static String jwk(PublicKey key, String id) {
    try {
      PublicJsonWebKey made = PublicJsonWebKey.Factory.newPublicJwk(key);
      made.setKeyId(id);
      return made.toJson(OutputControlLevel.PUBLIC_ONLY);
    } catch (JoseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RSA, 2048, RS256",
    "RSA, 2048, RS384",
    "RSA, 2048, RS512",
    "RSA, 2048, PS256",
    "RSA, 2048, PS384",
    "RSA, 2048, PS512",
    "EC, 256, ES256",
    "EC, 384, ES384",
    "EC, 521, ES512",
    "Ed25519, 0, EdDSA",
    "Ed448, 0, EdDSA"
  })
  void shouldVerifyEachSignatureTypeWithItsKeyAndNoOther(String kind, int size, String algorithm)
      throws IOException {
    KeyPair pair = Tokens.pair(kind, size);
    KeyPair other = Tokens.pair(kind, size);

    for (String text : new String[] {Tokens.pem(pair), jwks(jwk(pair.getPublic(), "k1"))}) {
      try (Authenticator authenticator = requiring(file(text), Duration.ZERO)) {
        assertThat(accepts(authenticator, algorithm, pair)).isTrue();
        assertThat(accepts(authenticator, algorithm, other)).isFalse();
      }
    }
  }

  @Test
  void shouldTakeSeveralKeysAndTheOlderFormOfRsaKeys() throws IOException {
    KeyPair rsa = Tokens.pair("RSA", 2048);
    KeyPair ec = Tokens.pair("EC", 256);
    byte[] x509 = rsa.getPublic().getEncoded();
    byte[] pkcs1 = java.util.Arrays.copyOfRange(x509, 24, x509.length);
    String text = "a note\n" + Tokens.pem("RSA PUBLIC KEY", pkcs1) + "\n" + Tokens.pem(ec);

    try (Authenticator authenticator = requiring(file(text), Duration.ZERO)) {
      assertThat(accepts(authenticator, "RS256", rsa)).isTrue();
      assertThat(accepts(authenticator, "ES256", ec)).isTrue();
    }
  }

  @Test
  void shouldNotVerifyWithKeysForEncryptionNorWithSecretsInAKeySet() throws IOException {
    KeyPair rsa = Tokens.pair("RSA", 2048);
    String enc = jwk(rsa.getPublic(), "e").replaceFirst("\\{", "{\"use\":\"enc\",");
    String oct = "{\"kty\":\"oct\",\"k\":\"" + Tokens.part("hunter2") + "\"}";
    String strange = "{\"kty\":\"future\",\"x\":1}";

    assertThatThrownBy(() -> requiring(file(jwks(enc, oct, strange)), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no public key");
    KeyPair ec = Tokens.pair("EC", 256);
    String set = jwks(enc, oct, strange, jwk(ec.getPublic(), "s"));
    try (Authenticator authenticator = requiring(file(set), Duration.ZERO)) {
      assertThat(accepts(authenticator, "RS256", rsa)).isFalse();
      assertThat(accepts(authenticator, "ES256", ec)).isTrue();
      String forged = Tokens.signed("{\"alg\":\"HS256\"}", CLAIMS, Tokens.hmac("hunter2"));
      assertThat(authenticator.authenticate(forged)).isInstanceOf(Authentication.Refused.class);
    }
  }

  @Test
  void shouldSayWhatIsWrongWithAFileOfKeys() {
    KeyPair pair = Tokens.pair("RSA", 2048);

    assertThatThrownBy(
            () ->
                requiring(
                    file(Tokens.pem("PRIVATE KEY", pair.getPrivate().getEncoded())), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("private key");
    assertThatThrownBy(() -> requiring(directory.resolve("none").toString(), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no file");
    assertThatThrownBy(() -> requiring(file("{\"keys\":7}"), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no JSON Web Key Set");
    assertThatThrownBy(() -> requiring(file("rubbish"), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no public key");
    assertThatThrownBy(
            () -> requiring(file(Tokens.pem("PUBLIC KEY", new byte[] {1, 2})), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be read");
    for (String place : new String[] {"https://user:secret@bad host/keys", "a\0b", "https:///x"}) {
      assertThatThrownBy(() -> requiring(place, Duration.ZERO))
          .isInstanceOf(IOException.class)
          .hasMessageNotContaining("secret");
    }
    for (String place : ELSEWHERE) {
      assertThatThrownBy(() -> requiring(place, Duration.ZERO))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("https");
    }
  }

  /** Whoever is on the way could write it. */
  @Test
  void shouldNotTakeAPolicyOverPlainHttp() throws IOException {
    for (String place : ELSEWHERE) {
      assertThatThrownBy(() -> AccessPolicies.url(URI.create(place), Duration.ZERO, metrics))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("https");
    }
    URI here = URI.create(serve(() -> "[]"));
    try (AccessPolicies policies = AccessPolicies.url(here, Duration.ZERO, metrics)) {
      assertThat(policies.get().size()).isZero();
    }
  }

  /** What is not for us to have is told, in whichever form it comes. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void shouldNotTakeAKeySetWithPrivateParts(String kind) throws Exception {
    KeyPair pair = Tokens.pair(kind);
    PublicJsonWebKey whole = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
    whole.setPrivateKey(pair.getPrivate());
    String set = jwks(whole.toJson(OutputControlLevel.INCLUDE_PRIVATE));

    assertThatThrownBy(() -> requiring(file(set), Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("private key");
  }

  /** Each key that is tried costs a signature, and anybody may send tokens. */
  @Test
  void shouldAskWhichOfSeveralKeysATokenIsSignedWith() throws IOException {
    KeyPair first = Tokens.pair("EC", 256);
    KeyPair second = Tokens.pair("EC", 256);
    KeyPair rsa = Tokens.pair("RSA", 2048);
    String set =
        jwks(
            jwk(first.getPublic(), "one"),
            jwk(second.getPublic(), "two"),
            jwk(rsa.getPublic(), "three"));
    String named =
        Tokens.signed("{\"alg\":\"ES256\",\"kid\":\"two\"}", CLAIMS, second.getPrivate());
    String nameless = Tokens.signed("{\"alg\":\"ES256\"}", CLAIMS, second.getPrivate());

    try (Authenticator authenticator = requiring(file(set), Duration.ZERO)) {
      assertThat(authenticator.authenticate(named)).isInstanceOf(Authentication.Accepted.class);
      assertThat(authenticator.authenticate(nameless))
          .isEqualTo(new Authentication.Refused(Refusal.KEY_NOT_NAMED));
      assertThat(accepts(authenticator, "RS256", rsa)).isTrue();
    }
    // Keys in PEM have no names.
    try (Authenticator authenticator =
        requiring(file(Tokens.pem(first) + Tokens.pem(second)), Duration.ZERO)) {
      assertThat(authenticator.authenticate(nameless)).isInstanceOf(Authentication.Accepted.class);
    }
  }

  @Test
  void shouldReadItsFileAgainAndForgetTokensOfKeysThatAreGone() throws IOException {
    KeyPair first = Tokens.pair("Ed25519");
    KeyPair second = Tokens.pair("Ed25519");
    String place = file(Tokens.pem(first));

    try (Authenticator authenticator = requiring(place, Duration.ofMillis(20))) {
      assertThat(accepts(authenticator, "EdDSA", first)).isTrue();
      Files.writeString(Path.of(place), Tokens.pem(second));
      await().until(() -> accepts(authenticator, "EdDSA", second));
      assertThat(accepts(authenticator, "EdDSA", first)).isFalse();

      Files.writeString(Path.of(place), "broken");
      await().until(() -> metrics.counter("dragoman_jwt_keys_reload_failed_total", "").value() > 0);
      assertThat(accepts(authenticator, "EdDSA", second)).isTrue();
    }
  }

  @Test
  void shouldFetchKeysAgainWhenATokenNamesOneThatIsNotKnown() throws IOException {
    KeyPair first = Tokens.pair("EC", 256);
    KeyPair second = Tokens.pair("EC", 256);
    AtomicInteger asked = new AtomicInteger();
    String url =
        serve(
            () ->
                asked.incrementAndGet() == 1
                    ? jwks(jwk(first.getPublic(), "one"))
                    : jwks(jwk(first.getPublic(), "one"), jwk(second.getPublic(), "two")));
    String rotated =
        Tokens.signed("{\"alg\":\"ES256\",\"kid\":\"two\"}", CLAIMS, second.getPrivate());

    try (Authenticator authenticator = requiring(url, Duration.ZERO)) {
      assertThat(authenticator.authenticate(rotated)).isInstanceOf(Authentication.Refused.class);
      await().until(() -> authenticator.authenticate(rotated) instanceof Authentication.Accepted);
      // Names of keys cost nothing to invent: they do not make us ask again and again.
      for (int i = 0; i < 50; i++) {
        authenticator.authenticate(
            Tokens.signed(
                "{\"alg\":\"ES256\",\"kid\":\"k" + i + "\"}", CLAIMS, second.getPrivate()));
      }
      assertThat(asked.get()).isEqualTo(2);
    }
  }

  @Test
  void shouldAcceptNoTokenUntilTheKeysHaveCome() throws IOException {
    String url = serve(() -> "");
    server.stop(0);
    KeyPair pair = Tokens.pair("EC", 256);
    String token = Tokens.signed("{\"alg\":\"ES256\"}", CLAIMS, pair.getPrivate());

    try (Authenticator authenticator = requiring(url, Duration.ofMillis(50))) {
      assertThat(authenticator.authenticate(token))
          .isEqualTo(new Authentication.Refused(Refusal.NO_KEYS));
      serveAgain(() -> jwks(jwk(pair.getPublic(), "k")));
      await().until(() -> authenticator.authenticate(token) instanceof Authentication.Accepted);
    }
  }

  /** A server of keys that hangs must not let tokens live longer than they say. */
  @Test
  void shouldEndConnectionsInTimeWhileKeysDoNotCome() throws IOException {
    KeyPair pair = Tokens.pair("EC", 256);
    AtomicInteger asked = new AtomicInteger();
    String url =
        serve(
            () -> {
              if (asked.incrementAndGet() > 1) {
                stall();
              }
              return jwks(jwk(pair.getPublic(), "k"));
            });
    AtomicLong now = new AtomicLong(1_000);
    AtomicBoolean ended = new AtomicBoolean();
    String token = Tokens.signed("{\"alg\":\"ES256\"}", "{\"exp\":1010}", pair.getPrivate());

    try (Authenticator authenticator =
        Authenticator.requiring(AuthOptions.keys(url, Duration.ofMillis(20)), metrics, now::get)) {
      Authentication.Accepted accepted =
          (Authentication.Accepted) authenticator.authenticate(token);
      authenticator.watch(accepted.principal(), SAME_THREAD, () -> ended.set(true));
      await().until(() -> asked.get() == 2);
      now.set(1_010);

      await().untilTrue(ended);
      assertThat(metrics.counter("dragoman_jwt_keys_reload_failed_total", "").value()).isZero();
    }
  }

  /** The headers alone are no answer. */
  @Test
  void shouldGiveUpReadingWhatBeginsAndDoesNotEnd() throws IOException {
    listen(() -> "x".repeat(1_000), 0);
    server.createContext(
        "/stall",
        exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          stall();
        });
    URI place = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/stall?pw=7");

    assertThatThrownBy(TextSource.url(place, Duration.ofMillis(200))::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not answer within 200 ms")
        .hasMessageNotContaining("pw");
  }

  @Test
  void shouldNotReadMoreThanKeysCanBe() throws IOException {
    String url = serve(() -> "x".repeat(TextSource.BYTES_MAX + 1));

    assertThatThrownBy(TextSource.url(URI.create(url))::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than " + TextSource.BYTES_MAX + " bytes");
    assertThatThrownBy(TextSource.url(URI.create(url.replace("/keys", "/none")))::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 404");
  }

  private void stall() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What answers a request for keys. */
  @FunctionalInterface
  private interface Page {
    String text();
  }

  private String serve(Page page) throws IOException {
    listen(page, 0);
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys?secret=7";
  }

  private void serveAgain(Page page) throws IOException {
    listen(page, server.getAddress().getPort());
  }

  private void listen(Page page, int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/keys",
        exchange -> {
          byte[] body = page.text().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.setExecutor(serving);
    server.start();
  }
}
