// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.dragoman.core.Broker;
import io.dragoman.gateway.connmix.client.ClientOptions.Protocol;
import io.dragoman.gateway.connmix.client.internal.EndpointContext;
import io.dragoman.gateway.connmix.client.internal.Endpoints;
import io.dragoman.gateway.connmix.client.internal.RuleHandlers;
import io.dragoman.gateway.connmix.client.internal.ScriptHandlers;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Transport;
import java.io.IOException;
import java.util.List;

/**
 * One listener for clients: holds their connections, and pushes to them what backends send and
 * publish. A push counts as taken when the socket's buffer of an open connection has taken it. Safe
 * from any thread.
 */
public final class ClientGateway implements AutoCloseable {
  private final EndpointContext context;
  private final ClientOptions options;
  private final ClientHandlers handlers;

  /** A gateway that does with clients what a handler for each of them says. */
  public ClientGateway(Broker broker, ClientOptions options, ClientHandlers handlers) {
    this.options = options;
    this.handlers = handlers;
    this.context = new EndpointContext(broker, options, handlers);
  }

  /** A gateway that does with clients what rules say. */
  public static ClientGateway ofRules(
      Broker broker, ClientOptions options, ClientRules rules, ClientSecurity security) {
    return new ClientGateway(broker, options, new RuleHandlers(broker, options, rules, security));
  }

  /**
   * A gateway that does with clients what a script says.
   *
   * @param redisServers what the script may send commands to; their names differ
   * @throws IllegalArgumentException if the script cannot be run; the message says why
   */
  public static ClientGateway ofScript(
      Broker broker,
      ClientOptions options,
      ClientScript script,
      List<RedisServer> redisServers,
      ClientSecurity security) {
    return new ClientGateway(
        broker, options, new ScriptHandlers(broker, options, script, redisServers, security));
  }

  /**
   * Opens the port.
   *
   * @throws IOException if an address cannot be bound; the message names it
   */
  public Listener open(Transport transport, ListenerOptions wanted) throws IOException {
    return options.protocol() == Protocol.TCP
        ? transport.listenTcp(wanted, context.tcp(), () -> Endpoints.tcp(context))
        : transport.listen(wanted, Endpoints.routes(context));
  }

  /** To be called once no more clients come. */
  @Override
  public void close() {
    handlers.close();
  }
}
