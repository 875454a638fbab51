// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Connections;
import io.dragoman.core.Metrics;
import io.dragoman.core.Queues;
import io.dragoman.gateway.connmix.ConnmixAccounts;
import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.gateway.connmix.ConnmixSecurity;
import io.dragoman.security.AccessPolicy;
import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;

/** What stands for a broker and a transport of which a test needs little. */
final class Fakes {
  private Fakes() {}

  static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Methods give these values by their names. */
  static InvocationHandler values(Map<String, Object> values) {
    return (proxy, method, arguments) -> values.get(method.getName());
  }

  /** A broker of which a test needs the queues, open to everybody. */
  static GatewayContext context(Metrics metrics, RateLimiter limiter, Queues queues) {
    Object connections = fake(Connections.class, values(Map.of("nodeNumber", 1, "count", 0)));
    return new GatewayContext(
        fake(
            Broker.class,
            values(Map.of("metrics", metrics, "queues", queues, "connections", connections))),
        ConnmixOptions.DEFAULTS,
        new ConnmixSecurity(
            Authenticator.open(),
            limiter,
            () -> AccessPolicy.OPEN,
            ConnmixAccounts.of(List.of(), metrics)));
  }

  static double figure(Metrics metrics, String name) {
    return metrics.families().stream()
        .filter(each -> each.name().equals(name))
        .flatMap(each -> each.instruments().values().stream())
        .mapToDouble(each -> ((Metrics.Gauge) each).value())
        .sum();
  }
}
