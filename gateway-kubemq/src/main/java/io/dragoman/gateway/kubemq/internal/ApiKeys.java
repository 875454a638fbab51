// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import java.nio.charset.StandardCharsets;

/** The keys of the API port's JSON, which follow another custom than the rest of the dialect. */
final class ApiKeys {
  static final byte[] BYTES = Field.quoted("bytes");
  static final byte[] CAPITAL_HOST = Field.quoted("Host");
  static final byte[] CHANNELS = Field.quoted("Channels");
  static final byte[] CLIENTS = Field.quoted("clients");
  static final byte[] CONNECTIONS = Field.quoted("connections");
  static final byte[] DELAYED = Field.quoted("delayed");
  static final byte[] DATA = Field.quoted("data");
  static final byte[] DELIVERED = Field.quoted("delivered");
  static final byte[] ERROR = Field.quoted("error");
  static final byte[] ERROR_STRING = Field.quoted("error_string");
  static final byte[] EXPIRED = Field.quoted("expired");
  static final byte[] FIRST_SEQUENCE = Field.quoted("first_sequence");
  static final byte[] GRPC = Field.quoted("grpc");
  static final byte[] HOST = Field.quoted("host");
  static final byte[] INCOMING = Field.quoted("incoming");
  static final byte[] IS_ACTIVE = Field.quoted("isActive");
  static final byte[] IS_HEALTHY = Field.quoted("is_healthy");
  static final byte[] IS_READY = Field.quoted("is_ready");
  static final byte[] KIND = Field.quoted("kind");
  static final byte[] LAST_ACTIVITY = Field.quoted("lastActivity");
  static final byte[] LAST_SEQUENCE = Field.quoted("last_sequence");
  static final byte[] LAST_UPDATE = Field.quoted("LastUpdate");
  static final byte[] MESSAGES = Field.quoted("messages");
  static final byte[] NAME = Field.quoted("name");
  static final byte[] NOW = Field.quoted("now");
  static final byte[] OUTGOING = Field.quoted("outgoing");
  static final byte[] QUEUES = Field.quoted("queues");
  static final byte[] RESPONSES = Field.quoted("responses");
  static final byte[] REST = Field.quoted("rest");
  static final byte[] SENT = Field.quoted("sent");
  static final byte[] SUBSCRIBERS = Field.quoted("subscribers");
  static final byte[] SUMMERY = Field.quoted("Summery");
  static final byte[] TOTAL = Field.quoted("total");
  static final byte[] TOTAL_CHANNELS = Field.quoted("total_channels");
  static final byte[] TOTAL_ERRORS = Field.quoted("total_errors");
  static final byte[] TOTAL_MESSAGES = Field.quoted("total_messages");
  static final byte[] TOTAL_QUEUES = Field.quoted("total_queues");
  static final byte[] TOTAL_VOLUME = Field.quoted("total_volume");
  static final byte[] TRAFFIC = Field.quoted("traffic");
  static final byte[] TYPE = Field.quoted("type");
  static final byte[] UTC_TIME = Field.quoted("utc_time");
  static final byte[] VOLUME = Field.quoted("volume");
  static final byte[] WAITING = Field.quoted("waiting");
  static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private ApiKeys() {}
}
