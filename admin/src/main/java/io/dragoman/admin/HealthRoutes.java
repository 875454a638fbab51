// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Health;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Routes;
import java.util.List;

/**
 * The probes: {@code /livez} fails only for what a restart can cure, {@code /readyz} as soon as the
 * node cannot take work, {@code /healthz} never while anything answers.
 */
final class HealthRoutes {
  private final Health health;

  HealthRoutes(Health health) {
    this.health = health;
  }

  void addTo(Routes.Builder routes) {
    routes.get("/livez", this::live);
    routes.get("/readyz", this::ready);
    routes.get("/healthz", HealthRoutes::healthz);
  }

  /** Only what Eventhub has. */
  void addEventhubTo(Routes.Builder routes) {
    routes.get(
        "/healthz",
        exchange -> {
          Answers.allowAllOrigins(exchange);
          healthz(exchange);
        });
  }

  private void live(HttpExchange exchange) {
    boolean live = health.live();
    Answers.text(exchange, live ? 200 : 503, live ? "ok\n" : "[-]progress the broker hangs\n");
  }

  /** All checks when asked for, otherwise only those that fail. */
  private void ready(HttpExchange exchange) {
    List<Health.Check> checks = health.readiness();
    boolean ready = checks.stream().allMatch(Health.Check::ok);
    boolean verbose = exchange.queryParameter("verbose") != null;
    StringBuilder text = new StringBuilder();
    for (Health.Check check : checks) {
      if (verbose || !check.ok()) {
        text.append(line(check));
      }
    }
    if (verbose) {
      text.append(ready ? "readyz check passed\n" : "readyz check failed\n");
    }
    Answers.text(exchange, ready ? 200 : 503, text.isEmpty() ? "ok\n" : text.toString());
  }

  private static String line(Health.Check check) {
    return check.ok()
        ? "[+]"
            + check.name()
            + " ok"
            + (check.detail().isEmpty() ? "" : ": " + check.detail())
            + "\n"
        : "[-]" + check.name() + " failed: " + check.detail() + "\n";
  }

  /** As Eventhub answers. */
  private static void healthz(HttpExchange exchange) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", "ok");
          json.writeEndObject();
        });
  }
}
