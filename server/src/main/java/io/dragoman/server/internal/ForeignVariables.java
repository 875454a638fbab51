// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.server.internal.SettingType.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Environment variables of the programs whose protocols we speak. Their users set them out of habit
 * or by old start scripts; that must never stop us, nor go unnoticed.
 */
final class ForeignVariables {

  /** KubeMQ's name of the node. */
  static final String NODE_NAME = "KUBEMQ_HOST";

  /** Eventhub's secret of tokens. */
  static final String SECRET = "JWT_SECRET";

  /** Whether Eventhub lets everybody in; see {@link ConfigLoader#load}. */
  static final String DISABLE_AUTH = "DISABLE_AUTH";

  private static final String KUBEMQ_PREFIX = "KUBEMQ_";
  private static final String EVENTHUB = "Eventhub's; not used in this version";
  private static final String NO_REDIS = "ignored; there is no Redis here";

  /** Where Eventhub listens. */
  static final Meaning LISTEN_PORT =
      new Meaning("LISTEN_PORT", Settings.EVENTHUB_PORT, ForeignVariables::number);

  /**
   * Those of Eventhub's that are read beside the ones above. Each concerns Eventhub's clients
   * alone, so that a program of another kind that happens to know the name changes nothing for
   * KubeMQ's, and none makes messages disappear: {@code DEFAULT_CACHE_TTL} would, from the logs
   * that KubeMQ's clients read, too.
   */
  static final List<Meaning> MEANINGS =
      List.of(
          new Meaning("ENABLE_CACHE", Settings.EVENTHUB_EVENT_LOG, ForeignVariables::yesOrNo),
          new Meaning("ENABLE_KVSTORE", Settings.EVENTHUB_KEY_VALUES, ForeignVariables::yesOrNo),
          new Meaning("ENABLE_SSE", Settings.EVENTHUB_SSE, ForeignVariables::yesOrNo),
          new Meaning(
              "MAX_CACHE_REQUEST_LIMIT", Settings.EVENTHUB_HISTORY_MAX, ForeignVariables::number),
          new Meaning("PING_INTERVAL", Settings.EVENTHUB_PING_INTERVAL, ForeignVariables::seconds),
          new Meaning(
              "HANDSHAKE_TIMEOUT", Settings.EVENTHUB_HANDSHAKE_TIMEOUT, ForeignVariables::seconds));

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
          Map.entry("SSL_LISTEN_PORT", EVENTHUB),
          Map.entry(SECRET, "the secret of tokens, unless auth.jwt.secret is set"),
          Map.entry("EVENTHUB_SECRET", EVENTHUB),
          Map.entry(
              DISABLE_AUTH,
              "true: no tokens are required; false: they are if there is a key; unless auth.enabled"
                  + " is set"),
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
          Map.entry("ENABLE_SSL", EVENTHUB),
          Map.entry("DEFAULT_CACHE_TTL", "ignored; here it is eventhub.defaultTtl"),
          Map.entry("MAX_CACHE_LENGTH", "ignored; here it is log.retention.count"),
          Map.entry("PROMETHEUS_METRIC_PREFIX", EVENTHUB),
          Map.entry("REDIS_PREFIX", NO_REDIS),
          Map.entry("REDIS_POOL_SIZE", NO_REDIS));

  private ForeignVariables() {}

  /**
   * What a variable of Eventhub's means here.
   *
   * @param form makes of Eventhub's value the one that the setting takes; empty if there is none
   */
  record Meaning(String name, Setting<?> setting, UnaryOperator<String> form) {

    /** The setting's value; empty where the variable is not set, or to what cannot be used here. */
    Optional<Object> read(Map<String, String> environment) {
      String text = form.apply(eventhub(environment, name));
      if (text.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(setting.type().parse(ConfigLoader.scalar(text), (at, problem) -> {}));
      } catch (InvalidValueException e) {
        return Optional.empty();
      }
    }

    private String describe(Map<String, String> environment) {
      if (read(environment).isEmpty()) {
        return "ignored; " + setting.key() + " takes " + setting.type().form();
      }
      boolean port = setting.equals(LISTEN_PORT.setting);
      return setting.key()
          + ", unless that is set"
          + (port
              ? " or another listener has that port; while no tokens are required, not for web"
                  + " pages of other origins"
              : "");
    }
  }

  private static String number(String value) {
    return value.matches("\\d{1,9}") ? value : "";
  }

  private static String seconds(String value) {
    return value.matches("\\d{1,9}") ? value + "s" : "";
  }

  private static String yesOrNo(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "1" -> "true";
      case "false", "0" -> "false";
      default -> "";
    };
  }

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
      } else if (meaning(name).isPresent()) {
        lines.add(name + ": " + meaning(name).get().describe(environment));
      } else if (name.startsWith(KUBEMQ_PREFIX) && !isServiceLink(name)) {
        lines.add(name + ": ignored");
      }
    }
    return lines;
  }

  private static Optional<Meaning> meaning(String name) {
    return Stream.concat(Stream.of(LISTEN_PORT), MEANINGS.stream())
        .filter(
            each -> name.equals(each.name()) || name.equals(each.name().toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  /** What Kubernetes sets in pods beside a service called kubemq. */
  private static boolean isServiceLink(String name) {
    return name.contains("_SERVICE_") || name.matches(".*_PORT(_\\d+_.*)?");
  }
}
