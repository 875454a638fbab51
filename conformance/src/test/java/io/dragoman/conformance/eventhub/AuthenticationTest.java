// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.Access.FAILED;
import static io.dragoman.conformance.eventhub.Access.all;
import static io.dragoman.conformance.eventhub.Access.assertRefused;
import static io.dragoman.conformance.eventhub.Access.assertUnauthorized;
import static io.dragoman.conformance.eventhub.Access.refused;
import static io.dragoman.conformance.eventhub.Access.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.Tokens;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a token may be, and which are accepted (spec: eventhub §5). */
@EventhubSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + Access.SECRET})
class AuthenticationTest {
  private static final String NO_TOKEN =
      "<h1>401 Unauthorized</h1>\nNo authentication token was given.\r\n";

  private final Eventhub eventhub;

  AuthenticationTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  // --- where the token is

  @Test
  void shouldTellThoseWithoutAToken() {
    assertUnauthorized(refused(eventhub, "/"), NO_TOKEN);
    assertUnauthorized(refused(eventhub, "/any/path?x=y"), NO_TOKEN);
    assertUnauthorized(refused(eventhub, "/?auth="), NO_TOKEN);
    assertUnauthorized(refused(eventhub, "/", "Authorization: "), NO_TOKEN);
    assertUnauthorized(eventhub.get("/topic", "Accept", "text/event-stream"), NO_TOKEN);
    assertUnauthorized(eventhub.post("/api/v1/topics/t", "m"), NO_TOKEN);
  }

  @Test
  void shouldTakeTheTokenFromTheHeaderWithOrWithoutBearer() {
    for (String form : List.of("%s", "Bearer %s", "bearer %s", "BEARER  %s")) {
      try (RpcClient client = eventhub.connectWith(form.formatted(all()))) {
        assertThat(client.result("list")).isEqualTo(Json.array());
      }
    }
  }

  @Test
  void shouldTakeTheTokenFromTheQuery() {
    String encoded = all().replace(".", "%2E").replace("e", "%65");
    for (String query : List.of("?auth=" + all(), "?AUTH=" + all(), "?x=y&auth=" + encoded)) {
      try (RpcClient client = eventhub.connect("/path" + query)) {
        assertThat(client.result("list")).isEqualTo(Json.array());
      }
    }
  }

  @Test
  void shouldPreferTheHeader() {
    assertUnauthorized(refused(eventhub, "/?auth=" + all(), "Authorization: nonsense"), FAILED);
    assertThat(
            eventhub
                .get("/%20?auth=nonsense", "Accept", "text/event-stream", "Authorization", all())
                .status())
        .isEqualTo(404);
  }

  @Test
  void shouldTakeTokensForEveryInterface() {
    String topic = Names.unique("t");
    try (EventStreamClient byHeader =
            eventhub.stream("/" + topic, "Authorization", "Bearer " + all());
        EventStreamClient byQuery = eventhub.stream("/" + topic + "?auth=" + all())) {
      Answer one = eventhub.post("/api/v1/topics/" + topic, "1", "Authorization", all());

      assertThat(one.status()).isEqualTo(200);
      assertThat(byHeader.data(1)).containsExactly("1");
      assertThat(byQuery.data(1)).containsExactly("1");
    }
    // In the query of an ordinary request it would be in everybody's logs for no need.
    assertUnauthorized(eventhub.post("/api/v1/topics/" + topic + "?auth=" + all(), "2"), NO_TOKEN);
  }

  // --- which tokens

  private void assertAccepted(String token) {
    try (RpcClient client = eventhub.connectWith(token)) {
      assertThat(client.result("list")).isEqualTo(Json.array());
    }
  }

  @Test
  void shouldRefuseTokensThatAreNotSignedWithTheSecret() {
    String claims = "{\"read\":[\"#\"],\"write\":[\"#\"]}";
    String good = token(claims);

    assertRefused(eventhub, "nonsense");
    assertRefused(eventhub, "a.b.c");
    assertRefused(eventhub, Tokens.hs256("another secret", claims));
    assertRefused(eventhub, Tokens.unsigned(claims));
    assertRefused(eventhub, Tokens.unsigned(claims) + good.substring(good.lastIndexOf('.') + 1));
    assertRefused(eventhub, good.substring(0, good.length() - 4));
    assertRefused(eventhub, good + ".x");
    assertRefused(
        eventhub, good.substring(0, good.indexOf('.')) + good.substring(good.lastIndexOf('.')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
        "{\"typ\":\"Jwt\",\"alg\":\"HS256\",\"kid\":\"any\"}"
      })
  void shouldAcceptTheTypeInAnyCaseOrNone(String header) {
    assertAccepted(Tokens.hs256(Access.SECRET, header, "{\"read\":[\"#\"]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":null}",
        "{\"alg\":\"HS256\",\"typ\":\"JWE\"}",
        "{\"alg\":\"HS256\",\"typ\":5}",
        "[]",
        "HS256"
      })
  void shouldRefuseTokensThatClaimToBeSignedOtherwise(String header) {
    assertRefused(eventhub, Tokens.hs256(Access.SECRET, header, "{\"read\":[\"#\"]}"));
  }

  @Test
  void shouldHoldTokensToTheirTimes() {
    long now = System.currentTimeMillis() / 1000;
    String rules = "\"read\":[\"#\"]";

    assertAccepted(token("{" + rules + ",\"exp\":" + (now + 600) + ",\"nbf\":" + (now - 1) + "}"));
    assertRefused(eventhub, token("{" + rules + ",\"exp\":" + (now - 1) + "}"));
    assertRefused(eventhub, token("{" + rules + ",\"exp\":0}"));
    assertRefused(eventhub, token("{" + rules + ",\"nbf\":" + (now + 600) + "}"));
    assertAccepted(
        token("{" + rules + ",\"iat\":" + (now + 600) + ",\"iss\":\"x\",\"aud\":[\"y\"]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // no topic at all
        "{}",
        "{\"sub\":\"me\"}",
        "{\"read\":[],\"write\":[]}",
        "{\"read\":[\"a#\",\"/a\",\"\"],\"write\":[\"é\"]}",
        // claims of the wrong type
        "{\"read\":\"#\"}",
        "{\"read\":null,\"write\":[\"#\"]}",
        "{\"read\":[\"#\"],\"write\":{}}",
        "{\"read\":[\"#\",5]}",
        "{\"read\":[\"#\",null]}",
        "{\"read\":[\"#\"],\"sub\":5}",
        "{\"read\":[\"#\"],\"sub\":null}",
        "{\"read\":[\"#\"],\"exp\":\"never\"}",
        "{\"read\":[\"#\"],\"nbf\":[]}"
      })
  void shouldRefuseTokensWhoseClaimsMakeNoSense(String claims) {
    assertRefused(eventhub, token(claims));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"read\":[\"a\"]}",
        "{\"write\":[\"a\"]}",
        "{\"read\":[],\"write\":[\"a\"]}",
        "{\"read\":[\"a#\",\"a\"]}",
        "{\"read\":[\"a\"],\"sub\":\"\"}",
        "{\"read\":[\"a\"],\"createToken\":[\"b\"],\"x\":{}}"
      })
  void shouldAcceptTokensThatOpenSomething(String claims) {
    assertAccepted(token(claims));
  }
}
