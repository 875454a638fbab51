// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What backends send to connmix' interface, and what they read. */
final class ConnmixRequests {

  private static final Pattern CLIENT = Pattern.compile("\"c\":\"(\\d+)\"");

  private ConnmixRequests() {}

  static String pop(String topic) {
    return request("queue.pop", "{\"t\":[\"%s\"]}".formatted(topic));
  }

  static String subscribe(String clientId, String channel) {
    return request(
        "conn.call",
        "{\"c\":\"%s\",\"f\":\"subscribe\",\"a\":[\"%s\"]}".formatted(clientId, channel));
  }

  static String send(String clientId, String text) {
    return request("mesh.send", "{\"c\":\"%s\",\"d\":\"%s\"}".formatted(clientId, text));
  }

  static String publish(String channel, String text) {
    return request("mesh.publish", "{\"c\":\"%s\",\"d\":\"%s\"}".formatted(channel, text));
  }

  /** Whose message an event brings. */
  static String clientOf(String event) {
    Matcher client = CLIENT.matcher(event);
    if (!client.find()) {
      throw new IllegalStateException("no client in " + event);
    }
    return client.group(1);
  }

  private static String request(String method, String params) {
    return "{\"m\":\"%s\",\"p\":%s,\"i\":12345}".formatted(method, params);
  }
}
