// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Tokens;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tokens signed with private keys, at servers that know the public ones (spec: kubemq §5.3). */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class TokenKeysTest {
  private static final String CLAIMS = "{\"sub\":\"service\"}";

  @TempDir Path directory;

  @BeforeEach
  void needsServersOfItsOwn() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts servers with settings of their own");
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(Path file, KeyPair pair) throws IOException {
    String base64 =
        Base64.getMimeEncoder(64, new byte[] {10}).encodeToString(pair.getPublic().getEncoded());
    Files.writeString(
        file, "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n");
  }

  private static Answer ping(KubeMq mq, String token) {
    return mq.exchange(
        HttpRequest.newBuilder(mq.rest().resolve("/ping"))
            .header("Authorization", "Bearer " + token)
            .build());
  }

  @Test
  void shouldVerifyWithThePublicKeyOfAFileAndFollowItsChange() throws IOException {
    Path file = directory.resolve("keys.pem");
    KeyPair first = pair();
    KeyPair second = pair();
    write(file, first);
    Map<String, String> settings =
        Map.of("auth.enabled", "true", "auth.jwt.keys", file.toString(), "auth.jwt.reload", "50ms");

    try (KubeMq mq = KubeMq.start(settings)) {
      ping(mq, Tokens.rs256(first.getPrivate(), CLAIMS)).data();
      assertThat(ping(mq, Tokens.rs256(second.getPrivate(), CLAIMS)).status()).isEqualTo(401);
      assertThat(ping(mq, Tokens.hs256("secret", CLAIMS)).status()).isEqualTo(401);

      write(file, second);

      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> ping(mq, Tokens.rs256(second.getPrivate(), CLAIMS)).status() == 200);
      assertThat(ping(mq, Tokens.rs256(first.getPrivate(), CLAIMS)).status()).isEqualTo(401);
    }
  }

  /** Nobody listens on port 1 of this machine. */
  @Test
  void shouldStartWithoutItsKeysAndLetNobodyInUntilTheyCome() {
    Map<String, String> settings =
        Map.of("auth.enabled", "true", "auth.jwt.keys", "http://127.0.0.1:1/keys");

    try (KubeMq mq = KubeMq.start(settings)) {
      Answer answer = ping(mq, Tokens.rs256(pair().getPrivate(), CLAIMS));

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.json().get("message").textValue())
          .isEqualTo(
              "Error 423: authentication configuration error, error loading key file, the keys that"
                  + " verify tokens could not be loaded");
    }
  }
}
