// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Metrics;
import io.dragoman.security.Authenticator;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import io.dragoman.transport.TransportOptions;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a listener that serves only Eventhub has beside the protocol (eventhub.md, section 7). */
final class EventhubRoutesTest {
  private final Metrics metrics = new Metrics();
  private Transport transport;
  private Listener listener;

  @BeforeEach
  void start() throws Exception {
    transport = new Transport(TransportOptions.builder().eventLoops(2).build(), metrics);
    Routes.Builder routes = Routes.builder();
    AdminOptions options =
        new AdminOptions(
            "1",
            "sync",
            true,
            10,
            () ->
                List.of(
                    new AdminOptions.Surface("http", "http://127.0.0.1:8080", "all"),
                    new AdminOptions.Surface("eventhub", "http://127.0.0.1:8081", "Eventhub")));
    new AdminGateway(broker(), new ChannelStats(10), options, Authenticator.open())
        .addEventhubRoutes(routes);
    listener =
        transport.listen(
            ListenerOptions.builder("eventhub").hosts(List.of("127.0.0.1")).build(),
            routes.build());
  }

  @AfterEach
  void stop() {
    transport.close();
  }

  // Of a broker these routes need its name and its instruments.
  private Broker broker() {
    return (Broker)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Broker.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "metrics" -> metrics;
                  case "nodeName" -> "node-1";
                  default -> null;
                });
  }

  @Test
  void shouldAnswerAsEventhubsHealthCheck() throws Exception {
    HttpResponse<String> answer = get("/healthz");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.headers().firstValue("access-control-allow-origin")).contains("*");
    assertThat(answer.body()).isEqualTo("{\"status\":\"ok\"}");
  }

  @Test
  void shouldShowOnlyEventhubsNames() throws Exception {
    // given
    metrics.counter("dragoman_gateway_messages_in_total", "", "dialect", "eventhub").add(3);
    metrics.counter("dragoman_gateway_messages_in_total", "", "dialect", "kubemq").add(5);
    metrics.counter(EventhubFamilies.CONNECTIONS_TOTAL, "").add(7);
    metrics.gauge(EventhubFamilies.CONNECTIONS, "", () -> 2);

    // when
    String text = get("/metrics").body();

    // then
    String labels = "{instance=\"node-1:8081\"} ";
    assertThat(text)
        .contains("# TYPE eventhub_publish_count counter")
        .contains("# TYPE eventhub_worker_count gauge")
        .contains("eventhub_publish_count" + labels + "3.0")
        .contains("eventhub_worker_count" + labels + "2.0")
        .contains("eventhub_current_connections_count" + labels + "2.0")
        .contains("eventhub_total_connect_count" + labels + "7.0")
        .contains("eventhub_total_disconnect_count" + labels + "5.0")
        .contains("eventhub_redis_connection_fail_count" + labels + "0.0")
        .contains("eventhub_redis_publish_delay_ms" + labels + "0.0")
        .contains("eventhub_eventloop_delay_ms" + labels)
        .doesNotContain("dragoman_");
    assertThat(get("/metrics/").body()).contains("eventhub_publish_count");
  }

  @Test
  void shouldShowTheSameAsJson() throws Exception {
    HttpResponse<String> answer = get("/metrics?format=json");
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.body())
        .startsWith("{\"worker_count\":2,\"publish_count\":0,")
        .contains("\"redis_connection_fail_count\":0,\"redis_publish_delay_ms\":0,")
        .contains("\"current_connections_count\":0,\"total_connect_count\":0,")
        .contains("\"total_disconnect_count\":0,\"eventloop_delay_ms\":");
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + listener.address().getPort() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
