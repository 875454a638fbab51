// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.server.internal.ServerConfig.EngineKind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What must hold between settings, once each is valid by itself. */
final class ConfigChecks {
  private final Values values;
  private final List<String> problems = new ArrayList<>();

  ConfigChecks(Values values) {
    this.values = values;
  }

  List<String> run() {
    engine();
    address(Settings.BIND, values.get(Settings.BIND));
    clients();
    portsDiffer();
    oneMessageFits();
    keyForTokens();
    oneSource("routes come", Settings.ROUTING_DATA, Settings.ROUTING_FILE, Settings.ROUTING_URL);
    oneSource("the policy comes", Settings.POLICY_DATA, Settings.POLICY_FILE, Settings.POLICY_URL);
    accounts();
    framesFit(Settings.EVENTHUB_FRAME_BYTES);
    framesFit(Settings.CONNMIX_API_FRAME_BYTES);
    notOver(Settings.QUEUE_DEFAULT_WAIT, Settings.QUEUE_MAX_WAIT);
    notOver(Settings.QUEUE_DEFAULT_VISIBILITY, Settings.QUEUE_MAX_VISIBILITY);
    return problems;
  }

  private void engine() {
    if (values.get(Settings.ENGINE) == EngineKind.NATS) {
      problem(Settings.ENGINE, "nats is not available in this version; use embedded");
    }
  }

  private void clients() {
    for (ConnmixListener each : values.get(Settings.CONNMIX_CLIENTS)) {
      each.bind().ifPresent(bind -> address(Settings.CONNMIX_CLIENTS, bind));
      if (each.verifiesTokens()
          && values.get(Settings.AUTH_JWT_SECRET).isEmpty()
          && values.get(Settings.AUTH_JWT_KEYS).isEmpty()) {
        problem(
            Settings.CONNMIX_CLIENTS,
            "auth.mode jwt needs a key to verify tokens with: set auth.jwt.secret or"
                + " auth.jwt.keys");
      }
    }
  }

  private void address(Setting<?> setting, String bind) {
    try {
      if (!isLoopback(bind) && values.get(Settings.AUTH_ENABLED).isEmpty() && anyListener()) {
        problem(
            setting,
            "listeners on "
                + bind
                + " can be reached from other machines, and auth.enabled is not set: set it to"
                + " false to let everybody in, or bind to localhost");
      }
    } catch (UnknownHostException e) {
      problem(setting, "\"" + bind + "\" is not an address of any host");
    }
  }

  /** The word that stands for both loopback addresses needs no name service. */
  static boolean isLoopback(String bind) throws UnknownHostException {
    return bind.equalsIgnoreCase("localhost") || InetAddress.getByName(bind).isLoopbackAddress();
  }

  private boolean anyListener() {
    for (ListenerName name : ListenerName.values()) {
      if (values.get(name.setting()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private void portsDiffer() {
    Map<Integer, Setting<?>> used = new HashMap<>();
    for (ListenerName name : ListenerName.values()) {
      OptionalInt port = values.get(name.setting());
      if (port.isPresent() && port.getAsInt() != 0) {
        Setting<?> other = used.putIfAbsent(port.getAsInt(), name.setting());
        if (other != null) {
          problem(name.setting(), port.getAsInt() + " is also the port of " + other.key());
        }
      }
    }
    for (ConnmixListener each : values.get(Settings.CONNMIX_CLIENTS)) {
      int port = each.port().orElse(0);
      Setting<?> other = port == 0 ? null : used.putIfAbsent(port, Settings.CONNMIX_CLIENTS);
      if (other != null && !isReplaced(other)) {
        problem(Settings.CONNMIX_CLIENTS, port + " is also the port of " + other.key());
      }
    }
  }

  /** Whether a port is not opened, because all listeners for clients have their own. */
  private boolean isReplaced(Setting<?> setting) {
    return setting.equals(Settings.CONNMIX_CLIENT_PORT)
        && values.get(Settings.CONNMIX_CLIENTS).stream().allMatch(each -> each.port().isPresent());
  }

  private void oneMessageFits() {
    long json = values.get(Settings.LIMIT_MESSAGE) / 3 * 4 + (2L << 20);
    if (json > values.get(Settings.LIMIT_BODIES_IN_FLIGHT)) {
      problem(
          Settings.LIMIT_BODIES_IN_FLIGHT,
          "one message of limits.messageBytes needs up to " + Units.about(json) + " as JSON");
    }
  }

  /** A key that everybody knows would be worse than none. */
  private void keyForTokens() {
    boolean required = values.get(Settings.AUTH_ENABLED).orElse(false);
    if (required
        && values.get(Settings.AUTH_JWT_SECRET).isEmpty()
        && values.get(Settings.AUTH_JWT_KEYS).isEmpty()) {
      problem(
          Settings.AUTH_ENABLED,
          "tokens are required, and there is no key to verify them with: set auth.jwt.secret or"
              + " auth.jwt.keys");
    }
  }

  @SafeVarargs
  private void oneSource(String what, Setting<? extends Optional<?>>... sources) {
    Setting<?> first = null;
    for (Setting<? extends Optional<?>> each : sources) {
      if (values.get(each).isPresent()) {
        if (first != null) {
          problem(each, first.key() + " is set as well; " + what + " from one of them");
        }
        first = each;
      }
    }
  }

  private void accounts() {
    if (values.get(Settings.CONNMIX_ACCESS_FILE).isPresent()
        && !values.get(Settings.CONNMIX_ACCESS_USERS).isEmpty()) {
      problem(
          Settings.CONNMIX_ACCESS_FILE,
          Settings.CONNMIX_ACCESS_USERS.key() + " is set as well; accounts come from one of them");
    }
  }

  /** A default does not stand in the way of a smaller budget: such frames are refused then. */
  private void framesFit(Setting<Long> setting) {
    if (values.isSet(setting)) {
      notOver(setting, Settings.LIMIT_BODIES_IN_FLIGHT);
    }
  }

  private <T extends Comparable<T>> void notOver(Setting<T> lesser, Setting<T> greater) {
    if (values.get(lesser).compareTo(values.get(greater)) > 0) {
      problem(
          lesser,
          values.show(lesser) + " is more than " + greater + ", which is " + values.show(greater));
    }
  }

  private void problem(Setting<?> setting, String message) {
    problems.add(values.errorPlace(setting) + ": " + message);
  }
}
