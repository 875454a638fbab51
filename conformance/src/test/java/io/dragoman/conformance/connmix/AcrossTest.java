// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A channel is one channel, whatever the protocol that publishes to it (rulings 15 and 16). */
@ConnmixSuite
class AcrossTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Connmix connmix;
  private final String channel = Names.unique("across");

  AcrossTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static URI ws(URI listener, String path) {
    return URI.create("ws" + listener.resolve(path).toString().substring("http".length()));
  }

  private URI http() {
    return URI.create("http://127.0.0.1:" + connmix.broker().port("http"));
  }

  private WsClient kubemqSubscriber() {
    String query = "?client_id=" + Names.unique("me") + "&subscribe_type=events&channel=" + channel;
    return WsClient.connect(HTTP, ws(connmix.kubemq(), "/subscribe/events" + query));
  }

  private WsClient eventhubClient() {
    return WsClient.connect(HTTP, ws(http(), "/"));
  }

  private JsonNode rpc(WsClient client, String method, Object... params) {
    client.send(
        Json.object("id", 1, "jsonrpc", "2.0", "method", method, "params", Json.object(params)));
    return client.next();
  }

  private void kubemqEvent(byte[] body, boolean store) {
    Answer answer =
        connmix.exchange(
            connmix.kubemq(),
            "POST",
            "/send/event",
            Json.object(
                    "ClientID",
                    "svc",
                    "Channel",
                    channel,
                    "Body",
                    Json.base64(body),
                    "Store",
                    store)
                .toString(),
            "Content-Type",
            "application/json");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  @Test
  void shouldReachEveryProtocolsSubscribersByAPublish() {
    try (WsClient kubemq = kubemqSubscriber();
        WsClient eventhub = eventhubClient();
        Backend backend = connmix.backend();
        PushedClient member = connmix.client()) {
      rpc(eventhub, "subscribe", "topic", channel);
      member.connection().subscribe(List.of(channel)).orThrow();
      String publish = "{\"c\":\"" + channel + "\",\"d\":\"%s\"}";
      // A subscriber of KubeMQ's is not told when it is one.
      Awaitility.await()
          .until(
              () -> {
                backend.result("mesh.publish", publish.formatted("try"));
                return kubemq.waiting() > 0;
              });

      // Those of other protocols are not counted.
      assertThat(backend.result("mesh.publish", publish.formatted("hello")))
          .hasToString("{\"s\":1,\"f\":0}");

      assertThat(lastKubemq(kubemq)).isEqualTo("hello");
      assertThat(lastEventhub(eventhub)).isEqualTo("hello");
      String pushed = member.next();
      while (pushed.equals("text:try")) {
        pushed = member.next();
      }
      assertThat(pushed).isEqualTo("text:hello");
    }
  }

  private static String lastKubemq(WsClient client) {
    String body = Json.decoded(client.next().get("Body"));
    return body.equals("try") ? lastKubemq(client) : body;
  }

  private static String lastEventhub(WsClient client) {
    String message = client.next().at("/result/message").textValue();
    return message.equals("try") ? lastEventhub(client) : message;
  }

  @Test
  void shouldPushToMembersWhatOthersPublish() {
    try (WsClient eventhub = eventhubClient();
        PushedClient member = connmix.client()) {
      member.connection().subscribe(List.of(channel)).orThrow();

      kubemqEvent(new byte[] {'o', 'n', 'c', 'e'}, false);
      assertThat(member.next()).isEqualTo("text:once");
      kubemqEvent(new byte[] {'k', 'e', 'p', 't'}, true);
      assertThat(member.next()).isEqualTo("text:kept");
      kubemqEvent(new byte[] {(byte) 0xff, 0}, true);
      assertThat(member.next()).isEqualTo("binary:/wA=");
      assertThat(rpc(eventhub, "publish", "topic", channel, "message", "hub").has("result"))
          .isTrue();
      assertThat(member.next()).isEqualTo("text:hub");
    }
  }
}
