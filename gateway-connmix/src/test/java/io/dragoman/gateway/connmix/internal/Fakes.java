// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Metrics;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
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

  static double figure(Metrics metrics, String name) {
    return metrics.families().stream()
        .filter(each -> each.name().equals(name))
        .flatMap(each -> each.instruments().values().stream())
        .mapToDouble(each -> ((Metrics.Gauge) each).value())
        .sum();
  }
}
