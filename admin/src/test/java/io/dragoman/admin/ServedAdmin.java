// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Metrics;
import io.dragoman.security.Authenticator;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import io.dragoman.transport.TransportOptions;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** The admin routes before a broker of the test's own, on a port of one event loop. */
final class ServedAdmin implements AutoCloseable {
  private final Transport transport =
      new Transport(TransportOptions.builder().eventLoops(1).build(), new Metrics());
  private final AdminGateway admin;

  ServedAdmin(Broker broker) {
    admin =
        new AdminGateway(
            broker,
            new ChannelStats(10),
            new AdminOptions("1.2.3", "sync", false, 10, () -> List.of()),
            Authenticator.open());
  }

  /** Opens a free port. */
  URI listen() throws IOException {
    Routes.Builder routes = Routes.builder();
    admin.addRoutes(routes);
    ListenerOptions options =
        ListenerOptions.builder("http").hosts(List.of("127.0.0.1")).port(0).build();
    int port = transport.listen(options, routes.build()).address().getPort();
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    transport.close();
    admin.close();
  }
}
