// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.json.JsonText;
import io.dragoman.transport.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.function.Supplier;

/**
 * {@code GET /version} and {@code GET /v1/nodes}: where backends begin (spec: connmix §7). A node's
 * address is told in all the forms in which clients have looked for it.
 */
final class NodesEndpoint {
  private static final AsciiString JSON = AsciiString.cached("application/json");

  private final int node;
  private final String version;
  private final Supplier<Address> api;

  /** Where backends reach the API of a node. */
  record Address(String host, int port) {
    @Override
    public String toString() {
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
  }

  NodesEndpoint(int node, String version, Supplier<Address> api) {
    this.node = node;
    this.version = version;
    this.api = api;
  }

  void version(HttpExchange exchange) {
    ByteBuf out = exchange.allocator().buffer();
    out.writeBytes(JsonText.ascii("{\"version\":"));
    JsonText.string(out, version);
    out.writeBytes(JsonText.ascii(",\"apis\":[\"v1\"]}"));
    exchange.respond(200, JSON, out);
  }

  void nodes(HttpExchange exchange) {
    Address address = api.get();
    ByteBuf out = exchange.allocator().buffer();
    out.writeBytes(JsonText.ascii("{\"nodes\":[{\"id\":"));
    JsonText.number(out, node);
    out.writeBytes(JsonText.ascii(",\"api_server\":"));
    JsonText.string(out, address.toString());
    out.writeBytes(JsonText.ascii(",\"host\":"));
    JsonText.string(out, address.toString());
    out.writeBytes(JsonText.ascii(",\"ip\":"));
    JsonText.string(out, address.host());
    out.writeBytes(JsonText.ascii(",\"port\":"));
    JsonText.number(out, address.port());
    out.writeBytes(JsonText.ascii("}]}"));
    exchange.respond(200, JSON, out);
  }
}
