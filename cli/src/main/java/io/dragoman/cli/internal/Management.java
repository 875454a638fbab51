// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The broker's own API: statistics, monitoring and management (docs/api.md). */
public final class Management {
  private static final int OK_LIMIT = 300;
  private static final int NOT_FOUND = 404;

  private final Http http;
  private final Address address;

  public Management(Target target) {
    this.address = target.http();
    this.http = new Http(target.http(), target);
  }

  /** Names and values of a query; empty values are left out. */
  public static Map<String, String> parameters(String... namesAndValues) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!namesAndValues[i + 1].isEmpty()) {
        parameters.put(namesAndValues[i], namesAndValues[i + 1]);
      }
    }
    return parameters;
  }

  public Fields get(String path, Map<String, String> parameters) {
    return object(
        http.send(path + Http.query(parameters), Duration.ZERO, HttpRequest.Builder::GET));
  }

  public Fields post(String path, Map<String, String> parameters) {
    return object(
        http.send(
            path + Http.query(parameters),
            Duration.ZERO,
            request -> request.POST(HttpRequest.BodyPublishers.noBody())));
  }

  /**
   * Does something to one thing.
   *
   * @return why not, when there is no such thing; empty when it was done
   * @throws CliException when it failed for any other reason
   */
  public Optional<String> postToOne(String path, Map<String, String> parameters) {
    Http.Answer answer =
        http.send(
            path + Http.query(parameters),
            Duration.ZERO,
            request -> request.POST(HttpRequest.BodyPublishers.noBody()));
    if (answer.status() == NOT_FOUND) {
      return Optional.of(refusal(answer).text());
    }
    Fields ignored = object(answer);
    return Optional.empty();
  }

  public Fields delete(String path, Map<String, String> parameters) {
    return object(
        http.send(path + Http.query(parameters), Duration.ZERO, HttpRequest.Builder::DELETE));
  }

  /** A page that is text, as it is. */
  public String text(String path) {
    Http.Answer answer = http.send(path, Duration.ZERO, HttpRequest.Builder::GET);
    if (answer.status() >= OK_LIMIT) {
      throw refusal(answer);
    }
    return answer.text();
  }

  /**
   * All records of a list that comes in pages.
   *
   * @param member the name of the list in the answer
   * @param after the parameter that takes the answer's {@code next}
   */
  public void pages(
      String path,
      Map<String, String> parameters,
      String member,
      String after,
      Consumer<Fields> consumer) {
    Map<String, String> page = new LinkedHashMap<>(parameters);
    String next;
    do {
      Fields answer = get(path, page);
      list(answer, member).forEach(consumer);
      next = answer.text("next");
      page.put(after, next);
    } while (!next.isEmpty());
  }

  /** A list of an answer as records. */
  public static List<Fields> list(Fields answer, String member) {
    return answer.get(member) instanceof List<?> list
        ? list.stream()
            .filter(Map.class::isInstance)
            .map(element -> Fields.of((Map<?, ?>) element))
            .toList()
        : List.of();
  }

  /** Shows what passes through a channel, from now on, until closed, in KubeMQ's form. */
  public Exchange<String, String> monitor(String kind, String channel) {
    return monitor(kind, channel, "");
  }

  /** The same with bodies as this API shows them everywhere else. */
  public Exchange<String, String> exactMonitor(String kind, String channel) {
    return monitor(kind, channel, "exact");
  }

  private Exchange<String, String> monitor(String kind, String channel, String bodies) {
    return http.webSocket(
        "/v1/stats/attach"
            + Http.query(parameters("kind", kind, "channel", channel, "bodies", bodies)),
        text -> text,
        text -> text);
  }

  private Fields object(Http.Answer answer) {
    if (answer.status() >= OK_LIMIT) {
      throw refusal(answer);
    }
    return Json.parseObject(answer.text());
  }

  private CliException refusal(Http.Answer answer) {
    String detail = "";
    if (answer.text().stripLeading().startsWith("{")) {
      detail = Json.parseObject(answer.text()).text("detail");
    }
    if (!detail.isEmpty()) {
      return CliException.failed(detail);
    }
    return CliException.failed(
        "the broker at " + address + " answered with HTTP status " + answer.status());
  }
}
