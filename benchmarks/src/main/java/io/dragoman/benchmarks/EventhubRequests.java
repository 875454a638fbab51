// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import java.util.Random;

/** What Eventhub's clients send. */
final class EventhubRequests {

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";

  private EventhubRequests() {}

  static String subscribe(String topic) {
    return request("subscribe", "{\"topic\":\"%s\"}".formatted(topic));
  }

  static String subscribeAfter(String topic, String eventId, int limit) {
    return request("subscribe", after(topic, eventId, limit));
  }

  static String unsubscribe(String topic) {
    return request("unsubscribe", "[\"%s\"]".formatted(topic));
  }

  /** A message of random letters, the same in every run. */
  static String publish(String topic, int messageBytes) {
    Random random = new Random(7);
    StringBuilder message = new StringBuilder();
    for (int i = 0; i < messageBytes; i++) {
      message.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return request("publish", "{\"topic\":\"%s\",\"message\":\"%s\"}".formatted(topic, message));
  }

  static String historySince(String topic, long unixMillis, int limit) {
    return request(
        "eventlog",
        "{\"topic\":\"%s\",\"since\":%d,\"limit\":%d}".formatted(topic, unixMillis, limit));
  }

  static String historyAfter(String topic, String eventId, int limit) {
    return request("eventlog", after(topic, eventId, limit));
  }

  private static String after(String topic, String eventId, int limit) {
    return "{\"topic\":\"%s\",\"sinceEventId\":\"%s\",\"limit\":%d}"
        .formatted(topic, eventId, limit);
  }

  private static String request(String method, String params) {
    return "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":%s}"
        .formatted(method, params);
  }
}
