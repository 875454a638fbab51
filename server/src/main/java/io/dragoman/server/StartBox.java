// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Recovery;
import io.dragoman.server.internal.Configuration;
import io.dragoman.server.internal.ServerConfig;
import io.dragoman.server.internal.ServerConfig.ListenerConfig;
import io.dragoman.server.internal.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the server says when it is ready: what it is, what it does, and what is not safe about it.
 */
final class StartBox {
  /** A secret as long as the hash; a shorter one is what an attacker tries. */
  private static final int SECRET_LENGTH_MIN = 32;

  private final List<String> lines = new ArrayList<>();

  private StartBox() {}

  static String text(Node node, Configuration configuration, long startMillis) {
    StartBox box = new StartBox();
    box.line("Dragoman", Version.text() + "   node " + node.core().nodeName());
    box.line("data", data(node.config()));
    box.line("durability", durability(node.config()));
    box.line("recovered", recovered(node.recovery()));
    for (Listeners.Opened each : node.listeners().opened()) {
      box.line(
          each.listener().name(), url(node.config(), each) + "   " + each.name().description());
    }
    node.listeners().notes().forEach(note -> box.line("note", note));
    configuration.foreignVariables().forEach(variable -> box.line("environment", variable));
    box.line("access", access(node.config()));
    return box.frame("ready after " + startMillis + " ms; stop with Ctrl-C");
  }

  private void line(String name, String text) {
    lines.add("%-12s %s".formatted(name, text));
  }

  /** In ASCII: whatever the terminal, or the file this ends in, it can be read. */
  private String frame(String last) {
    lines.add(last);
    int width = lines.stream().mapToInt(String::length).max().orElse(0);
    String edge = "+" + "-".repeat(width + 2) + "+\n";
    StringBuilder text = new StringBuilder(edge);
    for (String line : lines) {
      text.append("| ").append(line).append(" ".repeat(width - line.length())).append(" |\n");
    }
    return text.append(edge).toString();
  }

  private static String data(ServerConfig config) {
    String directory = config.dataDir().toAbsolutePath().normalize().toString();
    try {
      long free = Files.getFileStore(config.dataDir()).getUsableSpace();
      return directory + " (" + Units.about(free) + " free)";
    } catch (IOException e) {
      return directory;
    }
  }

  private static String durability(ServerConfig config) {
    String words =
        config.durability() == Durability.SYNC
            ? "sync: a message is acknowledged when it is on disk"
            : "async: a power failure can take the last " + config.asyncSyncMillis() + " ms";
    boolean others =
        config.channels().stream()
            .anyMatch(c -> c.durability().filter(d -> d != config.durability()).isPresent());
    return others ? words + " (some channels differ)" : words;
  }

  private static String recovered(Recovery recovery) {
    return String.format(
        Locale.ROOT,
        "%,d messages in %,d channels in %,d ms",
        recovery.messages(),
        recovery.channels(),
        recovery.millis());
  }

  /** With the name that the operator wrote, which may be more than the address says. */
  private static String url(ServerConfig config, Listeners.Opened each) {
    int port = each.listener().address().getPort();
    String bind = config.bind();
    return each.scheme() + "://" + (bind.contains(":") ? "[" + bind + "]" : bind) + ":" + port;
  }

  private static String access(ServerConfig config) {
    if (config.authEnabled().orElse(false)) {
      String words =
          config.nobodyMayAdminister()
              ? "tokens required (auth.enabled is true), none of which may administer: there is a"
                  + " policy, and auth.admin.subjects is not set"
              : "tokens required (auth.enabled is true)";
      boolean guessable =
          config.jwt().secret().filter(secret -> secret.length() < SECRET_LENGTH_MIN).isPresent();
      return guessable
          ? words + "; WARNING: auth.jwt.secret is short, it can be guessed from a token"
          : words;
    }
    boolean open =
        config.listeners().stream().map(ListenerConfig::port).anyMatch(p -> p.isPresent());
    if (!open) {
      return "no listeners";
    }
    String unused = config.jwt().hasKey() ? "; the key of tokens has no effect" : "";
    return config.authEnabled().isPresent()
        ? "WARNING: open to everybody who can reach "
            + config.bind()
            + " (auth.enabled is false"
            + unused
            + ")"
        : "WARNING: open to everybody on this machine (auth.enabled is not set" + unused + ")";
  }
}
