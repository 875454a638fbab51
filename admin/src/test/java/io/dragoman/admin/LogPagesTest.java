// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Logs;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import io.dragoman.transport.TransportOptions;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a page of a log says that there is more. */
@Timeout(60)
class LogPagesTest {
  private static final LogInfo FROM_3_TO_5 = new LogInfo("log", 3, 5, 3, 30, 2, 0);
  private static final LogInfo ALL_TRIMMED = new LogInfo("log", 0, 5, 0, 0, 5, 0);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Transport transport =
      new Transport(TransportOptions.builder().eventLoops(1).build(), new Metrics());
  private final AdminGateway admin =
      new AdminGateway(
          broker(),
          new ChannelStats(10),
          new AdminOptions("1.2.3", "sync", false, 10, () -> List.of()));
  private volatile LogInfo info = FROM_3_TO_5;
  private volatile List<LogRecord> read = List.of();
  private URI uri = URI.create("http://localhost");

  @BeforeEach
  void listen() throws IOException {
    Routes.Builder routes = Routes.builder();
    admin.addRoutes(routes);
    ListenerOptions options =
        ListenerOptions.builder("http").hosts(List.of("127.0.0.1")).port(0).build();
    int port = transport.listen(options, routes.build()).address().getPort();
    uri = URI.create("http://127.0.0.1:" + port);
  }

  @AfterEach
  void close() {
    transport.close();
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void shouldGoOnBehindAPageThatWasTrimmedWhileItWasRead(int from) throws Exception {
    // given messages that are gone once they are read
    read = List.of();

    // when, then
    assertThat(page(from)).isEqualTo("{\"log\":\"log\",\"messages\":[],\"next\":6}");
  }

  @Test
  void shouldEndBehindTheLastMessage() throws Exception {
    assertThat(page(6)).isEqualTo("{\"log\":\"log\",\"messages\":[]}");
    read = List.of(logged(5));
    assertThat(page(5)).endsWith("]}");
  }

  @Test
  void shouldGoOnBehindTheMessagesOfAPage() throws Exception {
    read = List.of(logged(3), logged(4));
    assertThat(page(0)).endsWith("],\"next\":5}");
  }

  @Test
  void shouldEndAtOnceInALogThatKeepsNothing() throws Exception {
    info = ALL_TRIMMED;
    assertThat(page(0)).isEqualTo("{\"log\":\"log\",\"messages\":[]}");
  }

  private String page(int from) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri.resolve("/v1/logs/messages?log=log&from=" + from))
            .timeout(Duration.ofSeconds(20))
            .build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  private static LogRecord logged(long sequence) {
    return new LogRecord(Message.builder().id("id").channel("log").build(), sequence, 1);
  }

  private Broker broker() {
    Logs logs =
        stub(
            Logs.class,
            (proxy, method, of) ->
                CompletableFuture.completedFuture(
                    Result.ok(method.getName().equals("info") ? info : read)));
    return stub(Broker.class, (proxy, method, of) -> method.getName().equals("logs") ? logs : null);
  }

  private static <T> T stub(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
