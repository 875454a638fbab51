// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;

/** What the tests of tokens share: the secret, tokens that are signed with it, and refusals. */
final class Access {
  static final String SECRET = "a secret that nobody will guess!";

  static final String FAILED = "<h1>401 Unauthorized</h1>\nAuthentication failed.\r\n";

  private Access() {}

  /** A token with these claims. */
  static String token(String claims) {
    return Tokens.hs256(SECRET, claims);
  }

  /** A token with these rules, each a JSON array. */
  static String token(String read, String write) {
    return token("{\"read\":" + read + ",\"write\":" + write + "}");
  }

  /** A token that opens everything. */
  static String all() {
    return token("[\"#\"]", "[\"#\"]");
  }

  /** What a handshake is answered with that does not succeed. */
  static Answer refused(Eventhub eventhub, String path, String... headers) {
    return RawWebSocket.refused(eventhub.http(), path, headers);
  }

  static void assertUnauthorized(Answer answer, String body) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text()).isEqualTo(body);
  }

  static void assertRefused(Eventhub eventhub, String token) {
    assertUnauthorized(refused(eventhub, "/", "Authorization: " + token), FAILED);
    assertUnauthorized(refused(eventhub, "/?auth=" + token), FAILED);
  }
}
