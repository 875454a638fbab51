// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Environment variables of the programs whose protocols we speak. Their users set them out of habit
 * or by old start scripts; that must never stop us, nor go unnoticed.
 */
final class ForeignVariables {

  /** KubeMQ's name of the node. */
  static final String NODE_NAME = "KUBEMQ_HOST";

  /** Eventhub's secret of tokens. */
  static final String SECRET = "JWT_SECRET";

  /** Whether Eventhub lets everybody in. */
  static final String DISABLE_AUTH = "DISABLE_AUTH";

  private static final String KUBEMQ_PREFIX = "KUBEMQ_";
  private static final String EVENTHUB = "Eventhub's; not used in this version";

  /** Variables without a prefix that only these programs have, and what to use instead. */
  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("KUBEMQ_PORT", "ignored; here it is http.port"),
          Map.entry("KUBEMQ_LOG_LEVEL", "ignored; here it is logging.level"),
          Map.entry("API_PORT", "ignored; here it is http.port"),
          Map.entry("REST_PORT", "ignored; here it is kubemq.rest.port"),
          Map.entry("GRPC_PORT", "ignored; here it is kubemq.grpc.port"),
          Map.entry("STORE_DIR", "ignored; here it is data.dir"),
          Map.entry("STORE_STORE_PATH", "ignored; here it is data.dir"),
          Map.entry("STORE_MAX_RETENTION", "ignored; here it is log.retention.age"),
          Map.entry("STORE_MAX_MESSAGES", "ignored; here it is log.retention.count"),
          Map.entry("STORE_MAX_QUEUE_SIZE", "ignored; here it is log.retention.bytes"),
          Map.entry("STORE_MAX_QUEUES", "ignored; here it is limits.channels"),
          Map.entry("STORE_MAX_SUBSCRIBERS", "ignored; here it is limits.subscriptions"),
          Map.entry("STORE_MAX_PURGE_INACTIVE", "ignored; no channel is deleted for being quiet"),
          Map.entry("GRPC_BODY_LIMIT", "ignored; here it is limits.messageBytes"),
          Map.entry("REST_BODY_LIMIT", "ignored; here it is limits.messageBytes"),
          Map.entry("BROKER_MAX_PAYLOAD", "ignored; here it is limits.messageBytes"),
          Map.entry("BROKER_MAX_CONN", "ignored; here it is limits.connections"),
          Map.entry("BROKER_DISK_SYNC_SECONDS", "ignored; here it is durability"),
          Map.entry("QUEUE_MAX_RECEIVE_COUNT", "ignored; here it is queue.maxReceiveCount"),
          Map.entry(
              "QUEUE_MAX_NUMBER_OF_MESSAGES", "ignored; here it is queue.maxNumberOfMessages"),
          Map.entry("QUEUE_MAX_WAIT_TIMEOUT_SECONDS", "ignored; here it is queue.maxWait"),
          Map.entry("QUEUE_DEFAULT_WAIT_TIMEOUT_SECONDS", "ignored; here it is queue.defaultWait"),
          Map.entry("QUEUE_MAX_EXPIRATION_SECONDS", "ignored; here it is queue.maxExpiration"),
          Map.entry("QUEUE_MAX_DELAY_SECONDS", "ignored; here it is queue.maxDelay"),
          Map.entry("QUEUE_MAX_VISIBILITY_SECONDS", "ignored; here it is queue.maxVisibility"),
          Map.entry(
              "QUEUE_DEFAULT_VISIBILITY_SECONDS", "ignored; here it is queue.defaultVisibility"),
          Map.entry("ROUTING_DATA", "ignored; here it is routing.data"),
          Map.entry("ROUTING_FILE_PATH", "ignored; here it is routing.file"),
          Map.entry("ROUTING_URL", "ignored; here it is routing.url"),
          Map.entry("ROUTING_AUTO_RELOAD", "ignored; here it is routing.reload"),
          Map.entry("ROUTING_ENABLE", "ignored; routes are used when there are any"),
          Map.entry("LISTEN_PORT", EVENTHUB),
          Map.entry("SSL_LISTEN_PORT", EVENTHUB),
          Map.entry(SECRET, "the secret of tokens, unless auth.jwt.secret is set"),
          Map.entry("EVENTHUB_SECRET", EVENTHUB),
          Map.entry(DISABLE_AUTH, "whether tokens are required, unless auth.enabled is set"),
          Map.entry("AUTHENTICATION_ENABLE", "ignored; here it is auth.enabled"),
          Map.entry(
              "AUTHENTICATION_JWT_CONFIG_KEY",
              "ignored; here it is auth.jwt.secret or auth.jwt.keys"),
          Map.entry("AUTHENTICATION_JWT_CONFIG_FILE_PATH", "ignored; here it is auth.jwt.keys"),
          Map.entry(
              "AUTHENTICATION_JWT_CONFIG_SIGNATURE_TYPE",
              "ignored; here it is auth.jwt.algorithms"),
          Map.entry("AUTHORIZATION_ENABLE", "ignored; a policy is used when there is one"),
          Map.entry("AUTHORIZATION_POLICY_DATA", "ignored; here it is kubemq.policy.data"),
          Map.entry("AUTHORIZATION_FILE_PATH", "ignored; here it is kubemq.policy.file"),
          Map.entry("AUTHORIZATION_URL", "ignored; here it is kubemq.policy.url"),
          Map.entry("AUTHORIZATION_AUTO_RELOAD", "ignored; here it is kubemq.policy.reload"),
          Map.entry("ENABLE_CACHE", EVENTHUB),
          Map.entry("ENABLE_SSE", EVENTHUB),
          Map.entry("ENABLE_KVSTORE", EVENTHUB),
          Map.entry("ENABLE_SSL", EVENTHUB),
          Map.entry("DEFAULT_CACHE_TTL", EVENTHUB),
          Map.entry("MAX_CACHE_LENGTH", EVENTHUB),
          Map.entry("MAX_CACHE_REQUEST_LIMIT", EVENTHUB),
          Map.entry("HANDSHAKE_TIMEOUT", EVENTHUB),
          Map.entry("PROMETHEUS_METRIC_PREFIX", EVENTHUB),
          Map.entry("REDIS_PREFIX", EVENTHUB),
          Map.entry("REDIS_POOL_SIZE", EVENTHUB));

  private ForeignVariables() {}

  /** The value of one of Eventhub's, which may be written in either case; empty: not set. */
  static String eventhub(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty()
        ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "").strip()
        : value;
  }

  /** One line for each that is there: its name and what becomes of it, never its value. */
  static List<String> describe(Map<String, String> environment) {
    List<String> lines = new ArrayList<>();
    for (String name : new TreeMap<>(environment).keySet()) {
      if (name.equals(NODE_NAME)) {
        lines.add(name + ": the node's name, unless node.name is set");
      } else if (KNOWN.containsKey(name)) {
        lines.add(name + ": " + KNOWN.get(name));
      } else if (name.equals("jwt_secret") || name.equals("disable_auth")) {
        lines.add(name + ": " + KNOWN.get(name.toUpperCase(Locale.ROOT)));
      } else if (name.startsWith(KUBEMQ_PREFIX) && !isServiceLink(name)) {
        lines.add(name + ": ignored");
      }
    }
    return lines;
  }

  /** What Kubernetes sets in pods beside a service called kubemq. */
  private static boolean isServiceLink(String name) {
    return name.contains("_SERVICE_") || name.matches(".*_PORT(_\\d+_.*)?");
  }
}
