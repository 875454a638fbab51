// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one {@link Listener}.
 *
 * @param name its name in metrics and logs
 * @param hosts addresses to bind, all to the same port; {@code localhost} means both loopback
 *     addresses, of which one that the machine does not have is left out
 * @param port the port; 0: any that is free on all hosts
 * @param checkHost whether a listener that is bound to loopback addresses only answers 403 to
 *     requests whose {@code Host} is not {@code localhost}, {@code 127.0.0.1}, {@code [::1]} or one
 *     of the allowed hosts. Any web page can make a name of its own point to 127.0.0.1, and so
 *     reach a local port as if it were the page's own server; its {@code Host} gives it away
 * @param allowedHosts further names for that check, without port
 * @param originPolicy the policy of routes that set none of their own
 * @param allowedOrigins origins that pass besides the same origin, such as {@code
 *     https://console.example.com}
 * @param cors whether web pages of any origin may read the answers
 * @param bodyBytesMax the largest body of one request; 0: the transport's
 * @param requestHeaderTimeoutMillis from a connection's opening, or a request's first byte, to the
 *     end of its headers: for a client that comes for a WebSocket the time for its handshake. One
 *     that has said nothing is closed without a word, one in the middle is answered 408; 0: the
 *     transport's
 * @param tls asked for each new connection, so that certificates can be changed while running, see
 *     {@link ListenerTls}; null: no TLS. The time for the first request's headers is then that for
 *     the handshake of TLS too
 */
public record ListenerOptions(
    String name,
    List<String> hosts,
    int port,
    boolean checkHost,
    List<String> allowedHosts,
    OriginPolicy originPolicy,
    List<String> allowedOrigins,
    boolean cors,
    long bodyBytesMax,
    long requestHeaderTimeoutMillis,
    @Nullable Supplier<SslContext> tls) {

  /** Copies the lists and checks the port. */
  public ListenerOptions {
    hosts = List.copyOf(hosts);
    allowedHosts = List.copyOf(allowedHosts);
    allowedOrigins = List.copyOf(allowedOrigins);
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("listener " + name + " has no host to bind");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("listener " + name + " has no such port: " + port);
    }
    if (bodyBytesMax < 0) {
      throw new IllegalArgumentException("bodyBytesMax must not be negative: " + bodyBytesMax);
    }
    if (requestHeaderTimeoutMillis < 0) {
      throw new IllegalArgumentException(
          "requestHeaderTimeoutMillis must not be negative: " + requestHeaderTimeoutMillis);
    }
  }

  /** The same listener with TLS. */
  public ListenerOptions withTls(Supplier<SslContext> contexts) {
    return new ListenerOptions(
        name,
        hosts,
        port,
        checkHost,
        allowedHosts,
        originPolicy,
        allowedOrigins,
        cors,
        bodyBytesMax,
        requestHeaderTimeoutMillis,
        contexts);
  }

  /** A builder for a listener on localhost, any free port, checking hosts, open to all origins. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Collects settings; those not set keep their defaults. For one thread. */
  public static final class Builder {
    private final String name;
    private List<String> hosts = List.of("localhost");
    private int port;
    private boolean checkHost = true;
    private List<String> allowedHosts = List.of();
    private OriginPolicy originPolicy = OriginPolicy.ANY;
    private List<String> allowedOrigins = List.of();
    private boolean cors;
    private long bodyBytesMax;
    private long requestHeaderTimeoutMillis;
    private @Nullable Supplier<SslContext> tls;

    private Builder(String name) {
      this.name = name;
    }

    /** See {@link ListenerOptions#hosts}. */
    public Builder hosts(List<String> addresses) {
      hosts = addresses;
      return this;
    }

    /** See {@link ListenerOptions#port}. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /** See {@link ListenerOptions#checkHost}. */
    public Builder checkHost(boolean check) {
      checkHost = check;
      return this;
    }

    /** See {@link ListenerOptions#allowedHosts}. */
    public Builder allowedHosts(List<String> names) {
      allowedHosts = names;
      return this;
    }

    /** See {@link ListenerOptions#originPolicy}. */
    public Builder originPolicy(OriginPolicy policy) {
      originPolicy = policy;
      return this;
    }

    /** See {@link ListenerOptions#allowedOrigins}. */
    public Builder allowedOrigins(List<String> origins) {
      allowedOrigins = origins;
      return this;
    }

    /** See {@link ListenerOptions#cors}. */
    public Builder cors(boolean open) {
      cors = open;
      return this;
    }

    /** See {@link ListenerOptions#bodyBytesMax}. */
    public Builder bodyBytesMax(long bytes) {
      bodyBytesMax = bytes;
      return this;
    }

    /** See {@link ListenerOptions#requestHeaderTimeoutMillis}. */
    public Builder requestHeaderTimeoutMillis(long millis) {
      requestHeaderTimeoutMillis = millis;
      return this;
    }

    /** See {@link ListenerOptions#tls}. */
    public Builder tls(@Nullable Supplier<SslContext> contexts) {
      tls = contexts;
      return this;
    }

    /** The options. */
    public ListenerOptions build() {
      return new ListenerOptions(
          name,
          hosts,
          port,
          checkHost,
          allowedHosts,
          originPolicy,
          allowedOrigins,
          cors,
          bodyBytesMax,
          requestHeaderTimeoutMillis,
          tls);
    }
  }
}
