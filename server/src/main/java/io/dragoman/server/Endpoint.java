// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.transport.Listener;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Where a client on this machine reaches a listener.
 *
 * @param scheme what it speaks, as URLs say it
 * @param host a numeric address
 */
record Endpoint(String scheme, String host, int port) {

  static final String HTTP = "http";

  static Endpoint of(Listener listener) {
    return of(listener, HTTP);
  }

  /** A listener on all addresses is reached, among others, on loopback. */
  static Endpoint of(Listener listener, String scheme) {
    InetSocketAddress bound = listener.address();
    InetAddress address = bound.getAddress();
    boolean six = address instanceof Inet6Address;
    if (address.isAnyLocalAddress() || address.isLoopbackAddress()) {
      return new Endpoint(scheme, six ? "::1" : "127.0.0.1", bound.getPort());
    }
    return new Endpoint(scheme, address.getHostAddress(), bound.getPort());
  }

  URI uri() {
    return URI.create(scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }
}
