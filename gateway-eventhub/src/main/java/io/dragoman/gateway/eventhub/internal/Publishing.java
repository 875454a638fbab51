// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.LogAppend;
import io.dragoman.core.Message;
import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.security.Topics;

/** The rules of publishing, over WebSocket and HTTP alike (spec: eventhub §3). */
final class Publishing {
  /** The last millisecond of the year 9999. */
  private static final long TIMESTAMP_MAX = 253_402_300_799_999L;

  private static final long TTL_MAX = Integer.MAX_VALUE;

  private Publishing() {}

  /** What is to be done with a publish. */
  sealed interface Outcome {}

  /** It is refused. */
  record Invalid(String reason, boolean denied) implements Outcome {}

  /** Its sender has published as much as it may. */
  record RateLimited(String topic) implements Outcome {}

  /** It is to be stored. */
  record Accepted(LogAppend append) implements Outcome {}

  /**
   * @param timestamp the publisher's time of the event, unix milliseconds; 0: none
   * @param ttl seconds; 0: as configured
   */
  static Outcome of(
      String topic, byte[] body, long timestamp, long ttl, Caller caller, EventhubOptions options) {
    if (topic.isEmpty() || body.length == 0) {
      return new Invalid("You need to specify topic and message to publish to.", false);
    }
    if (topic.length() > options.topicLengthMax()) {
      return new Invalid("A topic may have " + options.topicLengthMax() + " characters.", false);
    }
    if (!caller.mayPublish(topic)) {
      return new Invalid("Insufficient access to topic: " + Shown.of(topic), true);
    }
    if (!Topics.isTopic(topic)) {
      return new Invalid(Shown.of(topic) + " is not a valid topic.", false);
    }
    if (timestamp < 0 || timestamp > TIMESTAMP_MAX) {
      return new Invalid("timestamp is to be milliseconds from 1970 to 9999.", false);
    }
    if (ttl < 0 || ttl > TTL_MAX) {
      return new Invalid("ttl is to be 0 to " + TTL_MAX + " seconds.", false);
    }
    if (!caller.takePublish(topic)) {
      return new RateLimited(topic);
    }
    Message message =
        Message.builder().channel(topic).clientId(caller.subject()).body(body).build();
    return new Accepted(
        new LogAppend(message, timestamp, ttl == 0 ? options.defaultTtlSeconds() : ttl));
  }
}
