// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which environment variables are ours, and for which keys. */
final class EnvironmentNames {
  static final String PREFIX = "DRAGOMAN_";

  /** Names the configuration file, as {@code --config} does. */
  static final String CONFIG_FILE = "DRAGOMAN_CONFIG";

  /**
   * Ours, but not settings: read by the start script or the command line, or made by tools for us.
   */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          CONFIG_FILE,
          "DRAGOMAN_JAVA_OPTS",
          "DRAGOMAN_HOME",
          "DRAGOMAN_SERVER",
          "DRAGOMAN_TOKEN",
          "DRAGOMAN_CONTEXT",
          "DRAGOMAN_CLIENT_ID",
          "DRAGOMAN_OUTPUT");

  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  /**
   * What Kubernetes sets in every pod beside a service named {@code dragoman}: nobody wrote these,
   * so they must not stop us.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "DRAGOMAN_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)");

  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private EnvironmentNames() {}

  /** {@code durability.asyncSyncMillis} is {@code DRAGOMAN_DURABILITY_ASYNC_SYNC_MILLIS}. */
  static String variable(String key) {
    String words = HUMP.matcher(key).replaceAll("_").replace('.', '_');
    return PREFIX + words.toUpperCase(Locale.ROOT);
  }

  /** Whether a variable is one that its user means as a setting. */
  static boolean isSetting(Map.Entry<String, String> variable) {
    String name = variable.getKey();
    return name.startsWith(PREFIX)
        && !variable.getValue().isEmpty()
        && !NOT_SETTINGS.contains(name)
        && !isServiceLink(name, variable.getValue());
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches());
  }
}
