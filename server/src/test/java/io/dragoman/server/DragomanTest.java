// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DragomanTest {
  private static final String REST = "kubemq-rest";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private Path directory;

  private static HttpResponse<String> get(Dragoman broker, String path) throws Exception {
    URI uri = broker.uri("http").resolve(path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static String post(Dragoman broker, String path, String json) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(broker.uri(REST).resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    return CLIENT.send(request, BodyHandlers.ofString()).body();
  }

  private static String send(Dragoman broker, String body) throws Exception {
    return post(
        broker,
        "/queue/send",
        "{\"Channel\":\"q\",\"ClientID\":\"c\",\"Body\":\"%s\"}".formatted(body));
  }

  private static String receive(Dragoman broker) throws Exception {
    return post(
        broker,
        "/queue/receive",
        "{\"Channel\":\"q\",\"ClientID\":\"c\",\"MaxNumberOfMessages\":1,\"WaitTimeSeconds\":1}");
  }

  @Test
  void shouldKeepMessagesFromOneStartToTheNext() throws Exception {
    // given
    try (Dragoman first = Dragoman.in(directory).start()) {
      assertThat(send(first, "aGVsbG8=")).contains("\"is_error\":false");
    }

    // when
    try (Dragoman second = Dragoman.in(directory).start()) {
      // then
      assertThat(receive(second)).contains("aGVsbG8=");
      assertThat(second.dataDir()).isEqualTo(directory);
    }
  }

  @Test
  void shouldRunTwoBrokersThatKnowNothingOfEachOther() throws Exception {
    // given
    try (Dragoman one = Dragoman.inTemporaryDirectory().start();
        Dragoman other = Dragoman.inTemporaryDirectory().start()) {
      // when
      send(one, "b25l");

      // then
      assertThat(receive(other)).doesNotContain("b25l");
      assertThat(receive(one)).contains("b25l");
      assertThat(one.port("http")).isNotEqualTo(other.port("http"));
    }
  }

  @Test
  void shouldDeleteItsTemporaryDirectory() {
    // given
    Dragoman broker = Dragoman.inTemporaryDirectory().start();
    Path data = broker.dataDir();
    assertThat(data).isDirectory();

    // when
    broker.close();
    broker.close();

    // then
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldShowItsListenersOnlyWhileItIsReady() throws Exception {
    // given
    Path file = directory.resolve("listeners.json");
    Files.writeString(file, "left behind by a kill");

    // when
    try (Dragoman broker = Dragoman.in(directory).start()) {
      // then
      assertThat(file)
          .hasContent(
              "{\"http\":{\"host\":\"127.0.0.1\",\"port\":%d},\"eventhub\":{\"host\":\"127.0.0.1\",\"port\":%d},\"kubemq-rest\":{\"host\":\"127.0.0.1\",\"port\":%d},\"kubemq-grpc\":{\"host\":\"127.0.0.1\",\"port\":%d},\"connmix-api\":{\"host\":\"127.0.0.1\",\"port\":%d},\"connmix-center\":{\"host\":\"127.0.0.1\",\"port\":%d}}"
                  .formatted(
                      broker.port("http"),
                      broker.port("eventhub"),
                      broker.port(REST),
                      broker.port("kubemq-grpc"),
                      broker.port("connmix-api"),
                      broker.port("connmix-center")));
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldLeaveTheListenersOfTheBrokerThatOwnsTheDirectory() {
    // given
    Path file = directory.resolve("listeners.json");
    try (Dragoman owner = Dragoman.in(directory).start()) {
      // when
      StartException refusal =
          catchThrowableOfType(StartException.class, () -> Dragoman.in(directory).start());

      // then
      assertThat(refusal.exitCode()).isEqualTo(1);
      assertThat(refusal).hasMessageStartingWith("data.dir: ");
      assertThat(file).content().contains(Integer.toString(owner.port("http")));
    }
  }

  @Test
  void shouldNameTheKeyOfAPortThatIsTaken() throws Exception {
    // given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      // when
      StartException refusal =
          catchThrowableOfType(
              StartException.class,
              () -> Dragoman.in(directory).set("kubemq.rest.port", port).start());

      // then
      assertThat(refusal.exitCode()).isEqualTo(1);
      assertThat(refusal).hasMessageStartingWith("kubemq.rest.port: port " + port + " is in use");
      assertThat(directory.resolve("listeners.json")).doesNotExist();
    }
    try (Dragoman again = Dragoman.in(directory).start()) {
      assertThat(get(again, "/readyz").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void shouldListenOnBothLoopbackAddresses() throws Exception {
    // given
    try (Dragoman broker = Dragoman.in(directory).start()) {
      for (InetAddress address : InetAddress.getAllByName("localhost")) {
        // when
        try (Socket socket = new Socket(address, broker.port("http"))) {
          // then
          assertThat(socket.isConnected()).isTrue();
        }
      }
    }
  }

  @Test
  void shouldRefuseToBeReachableWithoutADecision() {
    // when
    StartException refusal =
        catchThrowableOfType(
            StartException.class, () -> Dragoman.in(directory).set("bind", "0.0.0.0").start());

    // then
    assertThat(refusal.exitCode()).isEqualTo(2);
    assertThat(refusal).hasMessageContaining("auth.enabled");
  }

  @Test
  void shouldRefuseToRequireTokensWithoutAKeyToVerifyThem() {
    // when
    StartException refusal =
        catchThrowableOfType(
            StartException.class, () -> Dragoman.in(directory).set("auth.enabled", "true").start());

    // then
    assertThat(refusal.exitCode()).isEqualTo(2);
    assertThat(refusal)
        .hasMessageContaining("auth.jwt.secret")
        .hasMessageContaining("auth.jwt.keys");
  }

  @Test
  void shouldOpenItsListenersWhenThereIsAKey() {
    // when
    try (Dragoman broker =
        Dragoman.in(directory)
            .set("auth.enabled", "true")
            .set("auth.jwt.secret", "a secret of a test")
            .start()) {
      // then
      assertThat(broker.port("http")).isPositive();
      assertThat(broker.port("kubemq-rest")).isPositive();
      assertThat(broker.port("kubemq-grpc")).isPositive();
    }
  }

  @Test
  void shouldSayWhichFileOfKeysOrRulesCannotBeUsed() throws Exception {
    // given
    Path broken = Files.writeString(directory.resolve("broken"), "[{}]");

    // then
    assertThatThrownBy(
            () ->
                Dragoman.in(directory.resolve("data"))
                    .set("auth.enabled", "true")
                    .set("auth.jwt.keys", broken.toString())
                    .start())
        .isInstanceOf(StartException.class)
        .hasMessage("auth.jwt.keys: there is no public key in it that verifies signatures");
    assertThatThrownBy(
            () ->
                Dragoman.in(directory.resolve("data"))
                    .set("kubemq.policy.file", broken.toString())
                    .start())
        .isInstanceOf(StartException.class)
        .hasMessage("kubemq.policy.file: rule 1 has no ClientID");
    assertThatThrownBy(
            () ->
                Dragoman.in(directory.resolve("data"))
                    .set("kubemq.policy.url", "http://example.org/policy")
                    .start())
        .isInstanceOf(StartException.class)
        .hasMessage("kubemq.policy.url: a policy comes over https, or from this machine");
  }

  @Test
  void shouldSayWhichListenersAreNotServedYet() {
    // when
    try (Dragoman broker = Dragoman.in(directory).set("connmix.client.port", "0").start()) {
      // then
      assertThat(broker.node().listeners().notes())
          .containsExactly(
              "connmix.client.port is set, but this version does not serve connmix clients");
    }
  }

  @Test
  void shouldAnswerProbesAndTellWhatItServes() throws Exception {
    // given
    try (Dragoman broker = Dragoman.in(directory).start()) {
      // when
      HttpResponse<String> ready = get(broker, "/readyz?verbose");
      HttpResponse<String> index = get(broker, "/");
      HttpResponse<String> unknown = get(broker, "/nowhere");

      // then
      assertThat(ready.statusCode()).isEqualTo(200);
      assertThat(ready.body()).isEqualTo("[+]storage ok\n[+]running ok\nreadyz check passed\n");
      assertThat(get(broker, "/livez").body()).isEqualTo("ok\n");
      assertThat(get(broker, "/healthz").body()).isEqualTo("{\"status\":\"ok\"}");
      assertThat(index.body()).contains(broker.uri(REST).toString(), "/metrics");
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.headers().firstValue("content-type")).contains("application/problem+json");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldAnswerLongPollsWhenItStops(boolean queueExists) throws Exception {
    // given
    CompletableFuture<HttpResponse<String>> poll;
    try (Dragoman broker = Dragoman.in(directory).start()) {
      if (queueExists) {
        send(broker, "YQ==");
        receive(broker);
      }
      poll =
          CLIENT.sendAsync(
              HttpRequest.newBuilder(broker.uri(REST).resolve("/queue/receive"))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"Channel\":\"q\",\"ClientID\":\"c\",\"MaxNumberOfMessages\":1,"
                              + "\"WaitTimeSeconds\":60}"))
                  .build(),
              BodyHandlers.ofString());
      await()
          .untilAsserted(
              () -> assertThat(get(broker, "/health").body()).contains("\"queue_receivers\":1"));

      // when
    }

    // then
    assertThat(poll.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldNotBeReadyWhileItStops() throws Exception {
    // given
    try (Dragoman broker = Dragoman.in(directory).start()) {
      broker.node().core().beginDrain();

      // when
      HttpResponse<String> answer = get(broker, "/readyz");

      // then
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("[-]running failed: the broker is stopping\n");
      assertThat(get(broker, "/livez").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void shouldReadAFileAndLetSetWinOverIt() throws Exception {
    // given
    Path file = Files.writeString(directory.resolve("c.yaml"), "node.name: a\nhttp.port: 1\n");

    // when
    try (Dragoman broker = Dragoman.in(directory).config(file).set("http.port", "0").start()) {
      // then
      assertThat(broker.core().nodeName()).isEqualTo("a");
      assertThat(broker.port("http")).isGreaterThan(1);
    }
  }
}
