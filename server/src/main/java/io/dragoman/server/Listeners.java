// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.admin.AdminOptions.Surface;
import io.dragoman.server.internal.ConnmixListener;
import io.dragoman.server.internal.ListenerName;
import io.dragoman.server.internal.ServerConfig;
import io.dragoman.server.internal.ServerConfig.ListenerConfig;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The listeners of a node: which are open, and why others are not. Reading is safe from any thread.
 */
final class Listeners {

  /**
   * An open listener.
   *
   * @param scheme what its addresses begin with
   */
  record Opened(ListenerName name, Listener listener, String scheme) {
    Endpoint endpoint() {
      return Endpoint.of(listener, scheme);
    }
  }

  /** As all systems say it. */
  private static final String IN_USE = "already in use";

  private final ServerConfig config;
  private final NodeOptions options;
  private final Transport transport;
  private final List<Opened> opened = new CopyOnWriteArrayList<>();
  private final List<String> unopened = new CopyOnWriteArrayList<>();

  Listeners(ServerConfig config, NodeOptions options, Transport transport) {
    this.config = config;
    this.options = options;
    this.transport = transport;
  }

  /** Opens a port. */
  @FunctionalInterface
  interface Opening {
    Listener open(ListenerOptions options) throws IOException;
  }

  /** Opens a listener of the transport if it is wanted, and safe to open. */
  void open(ListenerName name, Routes routes) {
    open(name, wanted -> transport.listen(wanted, routes));
  }

  /** Opens a listener if it is wanted, and safe to open. */
  void open(ListenerName name, Opening opening) {
    ListenerConfig wanted = config.listener(name);
    if (wanted.port().isPresent()) {
      int port = wanted.port().getAsInt();
      try {
        Listener listener = opening.open(options.listener(name, port));
        opened.add(new Opened(name, listener, Endpoint.HTTP));
      } catch (IOException e) {
        String reason = cannotOpen(name.label(), name.key(), port, e);
        if (!wanted.foreign()) {
          throw new StartException(StartException.FAILED, reason, e);
        }
        unopened.add(name.label() + " is not open: " + reason);
      }
    }
  }

  /**
   * Opens the listeners for clients of connmix.
   *
   * @param openings one for each
   */
  void openClients(List<ConnmixListener> listeners, List<Opening> openings) {
    ListenerConfig first = config.listener(ListenerName.CONNMIX_CLIENT);
    for (int i = 0; i < listeners.size(); i++) {
      ConnmixListener each = listeners.get(i);
      OptionalInt port = each.port().isPresent() ? each.port() : first.port();
      String label = ListenerName.CONNMIX_CLIENT.label() + (i == 0 ? "" : "-" + (i + 1));
      if (port.isEmpty()) {
        continue;
      }
      if (config.authEnabled().orElse(false) && each.cannotVerifyTokens()) {
        unopened.add(
            label
                + " is not open: auth.enabled is true, and clients over tcp bring no tokens"
                + (each.script().isPresent() ? "" : "; set its auth.mode"));
        continue;
      }
      openClient(label, each, port.getAsInt(), openings.get(i));
    }
  }

  private void openClient(String label, ConnmixListener listener, int port, Opening opening) {
    ListenerName name = ListenerName.CONNMIX_CLIENT;
    try {
      Listener open = opening.open(options.clients(label, listener, port));
      opened.add(new Opened(name, open, listener.scheme()));
    } catch (IOException e) {
      String key = listener.port().isPresent() ? "connmix.clients" : name.key();
      throw new StartException(StartException.FAILED, cannotOpen(label, key, port, e), e);
    }
  }

  /** Names the key that is to be changed: the port if that is taken, else the address. */
  private static String cannotOpen(String label, String key, int port, IOException e) {
    String reason = String.valueOf(e.getMessage());
    if (reason.contains(IN_USE)) {
      return "%s: port %d is in use by another process; choose another one, 0 for any free one, or off"
          .formatted(key, port);
    }
    return "bind: %s cannot be opened (%s %d): %s".formatted(label, key, port, reason);
  }

  List<Opened> opened() {
    return opened;
  }

  List<Listener> open() {
    return opened.stream().map(Opened::listener).toList();
  }

  Optional<Endpoint> endpoint(String label) {
    return opened.stream()
        .filter(each -> each.listener().name().equals(label))
        .map(Opened::endpoint)
        .findFirst();
  }

  /** The port that a listener is really on. */
  OptionalInt port(ListenerName name) {
    return opened.stream()
        .filter(each -> each.name() == name)
        .mapToInt(each -> each.listener().address().getPort())
        .findFirst();
  }

  List<Surface> surfaces() {
    return opened.stream()
        .map(
            each ->
                new Surface(
                    each.listener().name(),
                    each.endpoint().uri().toString(),
                    each.name().description()))
        .toList();
  }

  /** Sentences about what is configured but not open. */
  List<String> notes() {
    return List.copyOf(unopened);
  }
}
