// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client said when it came: the head of its HTTP request, or of a TCP client only its
 * address.
 *
 * @param method empty for TCP, as are the next three
 * @param target path and query as they were sent
 * @param protocol such as {@code HTTP/1.1}
 * @param host the header of this name
 * @param headers by their names, each word of which has a capital, however they were sent: so
 *     backends know them; values of one name joined by commas
 * @param query parameters by their names, decoded; the first value of each
 * @param remoteAddress address and port
 * @param ownOrigin whether no web page of another origin asks, see {@link
 *     HttpExchange#fromOwnOrigin}
 */
public record Introduction(
    String method,
    String target,
    String protocol,
    String host,
    Map<String, String> headers,
    Map<String, String> query,
    String remoteAddress,
    boolean ownOrigin) {

  /** Of a request. */
  public static Introduction of(HttpExchange exchange) {
    Map<String, String> headers = new LinkedHashMap<>();
    exchange.forEachHeader(
        (name, value) ->
            headers.merge(HeaderNames.canonical(name), value, (one, other) -> one + ", " + other));
    Map<String, String> query = new LinkedHashMap<>();
    Query.forEach(exchange.rawQuery(), query::putIfAbsent);
    String host = exchange.header("host");
    return new Introduction(
        exchange.method(),
        exchange.target(),
        "HTTP/1.1",
        host == null ? "" : host,
        Collections.unmodifiableMap(headers),
        Collections.unmodifiableMap(query),
        address(exchange.remote()),
        exchange.fromOwnOrigin());
  }

  /** Of a TCP client. */
  public static Introduction of(@Nullable InetSocketAddress remote) {
    return new Introduction("", "", "", "", Map.of(), Map.of(), address(remote), true);
  }

  private static String address(@Nullable InetSocketAddress remote) {
    if (remote == null) {
      return "";
    }
    String host = remote.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + remote.getPort();
  }

  /** A header's value, whatever the case of its name; null when it is not there. */
  public @Nullable String header(String name) {
    for (Map.Entry<String, String> each : headers.entrySet()) {
      if (each.getKey().equalsIgnoreCase(name)) {
        return each.getValue();
      }
    }
    return null;
  }

  /** A cookie's value; null when it is not there. */
  public @Nullable String cookie(String name) {
    String all = header("cookie");
    if (all == null) {
      return null;
    }
    for (String each : all.split(";", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0 && each.substring(0, equals).strip().equals(name)) {
        return each.substring(equals + 1).strip();
      }
    }
    return null;
  }
}
