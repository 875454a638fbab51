// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.json.JsonText;
import io.dragoman.transport.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /version} and {@code GET /v1/nodes}: where backends begin (spec: connmix §7). A node's
 * address is told in all the forms in which clients have looked for it. Its host is the one that
 * the asker has reached, unless it is configured: no node knows by which of its names others see
 * it.
 */
final class NodesEndpoint {
  private static final AsciiString HOST = AsciiString.cached("host");
  private static final String LOOPBACK = "127.0.0.1";

  private final int node;
  private final ConnmixOptions options;
  private final Supplier<OptionalInt> apiPort;

  /** Where backends reach the API of a node: the host with brackets if it needs them, the port. */
  private record Address(String host, String port) {
    static Address of(String hostAndPort) {
      int colon = hostAndPort.lastIndexOf(':');
      return new Address(hostAndPort.substring(0, colon), hostAndPort.substring(colon + 1));
    }

    String plainHost() {
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  NodesEndpoint(GatewayContext context, Supplier<OptionalInt> apiPort) {
    this.node = context.broker().connections().nodeNumber();
    this.options = context.options();
    this.apiPort = apiPort;
  }

  void version(HttpExchange exchange) {
    ByteBuf out = exchange.allocator().buffer();
    out.writeBytes(JsonText.ascii("{\"version\":"));
    JsonText.string(out, options.version());
    out.writeBytes(JsonText.ascii(",\"apis\":[\"v1\"]}"));
    exchange.respond(200, Answers.JSON, out);
  }

  /** None when the API is not served and nobody said where it is. */
  void nodes(HttpExchange exchange) {
    Address address = address(exchange);
    ByteBuf out = exchange.allocator().buffer();
    out.writeBytes(JsonText.ascii("{\"nodes\":["));
    if (address != null) {
      out.writeBytes(JsonText.ascii("{\"id\":"));
      JsonText.number(out, node);
      member(out, "api_server", address.toString());
      member(out, "host", address.toString());
      member(out, "ip", address.plainHost());
      out.writeBytes(JsonText.ascii(",\"port\":" + address.port() + "}"));
    }
    out.writeBytes(JsonText.ascii("]}"));
    exchange.respond(200, Answers.JSON, out);
  }

  private static void member(ByteBuf out, String name, String value) {
    out.writeBytes(JsonText.ascii(",\"" + name + "\":"));
    JsonText.string(out, value);
  }

  private @Nullable Address address(HttpExchange exchange) {
    if (options.apiAddress().isPresent()) {
      return Address.of(options.apiAddress().get());
    }
    OptionalInt port = apiPort.get();
    return port.isPresent()
        ? new Address(reached(exchange.header(HOST)), Integer.toString(port.getAsInt()))
        : null;
  }

  private static String reached(@Nullable String host) {
    if (host == null || host.isEmpty()) {
      return LOOPBACK;
    }
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    String name = end <= 0 ? host : host.substring(0, end);
    return name.startsWith("[") && !name.endsWith("]") ? LOOPBACK : name;
  }
}
