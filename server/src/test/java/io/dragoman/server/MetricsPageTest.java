// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares {@code docs/metrics.md} with what a broker shows. */
final class MetricsPageTest {
  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_]+)` \\| (\\w+) \\| ([a-z_, ]*)\\| .+ \\|");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  private record Family(String type, Set<String> labels) {}

  @Test
  void shouldListWhatIsShown() throws Exception {
    // given
    Map<String, Family> documented = documented();

    // when
    Map<String, Family> shown = shown("/metrics");

    // then
    assertThat(documented).as("on the page").containsAllEntriesOf(shown);
    Set<String> missing = new TreeSet<>(documented.keySet());
    missing.removeAll(shown.keySet());
    assertThat(missing)
        .as("on the page, but not shown by a broker that has seen messages")
        .allMatch(name -> name.startsWith("dragoman_channel_") || name.startsWith("kubemq_"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders", "two words", "{\"odd\\name\"}"})
  void shouldShowOneChannelInDetail(String channel) throws Exception {
    // given
    try (Dragoman broker = Dragoman.inTemporaryDirectory().set("metrics.channels", "0").start()) {
      traffic(broker, channel);
      String escaped = channel.replace("\\", "\\\\").replace("\"", "\\\"");

      // when
      String all = get(broker, "/metrics").body();
      String one =
          get(
                  broker,
                  "/metrics/detailed?channel=" + URLEncoder.encode(channel, StandardCharsets.UTF_8))
              .body();

      // then
      assertThat(all)
          .contains("dragoman_queue_messages{channel=\"other\",state=\"waiting\"} 1.0")
          .doesNotContain(escaped);
      assertThat(one)
          .contains("dragoman_queue_messages{channel=\"" + escaped + "\",state=\"waiting\"} 1.0")
          .contains("dragoman_log_messages{channel=\"" + escaped + "\"} 1.0");
    }
  }

  @Test
  void shouldLeaveForeignNamesOutWhenTold() throws Exception {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().set("metrics.compat", "false").start()) {
      // given
      traffic(broker, "a");

      // when
      String text = get(broker, "/metrics").body();

      // then
      assertThat(text).contains("dragoman_queue_messages").doesNotContain("kubemq_messages");
    }
  }

  @Test
  void shouldAnswerAsEventhubWhenAskedForJson() throws Exception {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      // when
      HttpResponse<String> answer = get(broker, "/metrics?format=json");

      // then
      assertThat(answer.headers().firstValue("content-type")).contains("application/json");
      assertThat(answer.body())
          .startsWith("{\"worker_count\":")
          .contains("\"current_connections_count\":0")
          .endsWith("}");
      assertThat(get(broker, "/metrics").body())
          .contains("eventhub_worker_count{instance=\"")
          .contains(":" + broker.port("eventhub") + "\"}");
    }
  }

  @Test
  void shouldLeaveEventhubsAnswersOutWhenTold() throws Exception {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().set("metrics.compat", "false").start()) {
      // when, then
      assertThat(get(broker, "/metrics?format=json").body())
          .contains("# TYPE")
          .doesNotContain("\neventhub_");
    }
  }

  @Test
  void shouldAnswerAMissingChannelWithAProblem() throws Exception {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      // when
      HttpResponse<String> answer = get(broker, "/metrics/detailed");

      // then
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(answer.body()).contains("\"code\":\"bad_request\"", "\"retryable\":false");
    }
  }

  private static Map<String, Family> documented() throws Exception {
    Map<String, Family> families = new LinkedHashMap<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        families.put(row.group(1), new Family(row.group(2), words(row.group(3))));
      }
    }
    return families;
  }

  private static Set<String> words(String list) {
    Set<String> words = new TreeSet<>();
    Stream.of(list.split("[, ]+")).filter(word -> !word.isEmpty()).forEach(words::add);
    return words;
  }

  /** By a broker that has everything of which there are metrics. */
  private static Map<String, Family> shown(String path) throws Exception {
    Path script = Files.createTempFile("metrics", ".lua");
    Files.writeString(script, "function on_message(msg) end");
    try (Dragoman broker =
        Dragoman.inTemporaryDirectory()
            .set("auth.enabled", "true")
            .set("auth.jwt.secret", "a secret of a test")
            .set("kubemq.policy.data", "[]")
            .set("connmix.clients", "[{port: 0, entry: '" + script + "'}]")
            .start()) {
      traffic(broker, "a");
      return parse(get(broker, path).body());
    } finally {
      Files.delete(script);
    }
  }

  private static void traffic(Dragoman broker, String channel) {
    Message message = Message.builder().channel(channel).clientId("c").body(new byte[] {1}).build();
    broker
        .core()
        .queues()
        .send(List.of(new QueueSend(message, QueuePolicy.NONE)))
        .toCompletableFuture()
        .join()
        .forEach(receipt -> receipt.orThrow());
    broker.core().logs().append(message).toCompletableFuture().join().orThrow();
  }

  /**
   * Families with their types, and the labels of their samples; buckets are part of a histogram.
   */
  private static Map<String, Family> parse(String text) {
    Map<String, Family> families = new TreeMap<>();
    for (String line : text.split("\n")) {
      Matcher type = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (type.matches()) {
        families.put(type.group(1), new Family(type.group(2), new TreeSet<>()));
      } else if (sample.matches()) {
        Family family = families.get(sample.group(1).replaceAll("_(bucket|sum|count)$", ""));
        Set<String> labels = (family == null ? families.get(sample.group(1)) : family).labels();
        LABEL
            .matcher(sample.group(2) == null ? "" : sample.group(2))
            .results()
            .map(label -> label.group(1))
            .filter(label -> !label.equals("le"))
            .forEach(labels::add);
      }
    }
    return families;
  }

  private static HttpResponse<String> get(Dragoman broker, String path) throws Exception {
    URI uri = URI.create(broker.uri("http") + path);
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    return answer;
  }
}
