// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who watches commands and queries pass. They are watched where clients send them, as only there
 * the answer is known; that is for nobody a reason to wait. Safe from any thread.
 */
final class RequestMonitors {

  /** Sees requests and their answers; called on any thread, must hand over and return. */
  interface Monitor {
    Kind kind();

    /** A channel, or a pattern with dots. */
    String filter();

    void onRequest(Inputs.Request request);

    /**
     * @param id the request's
     */
    void onResponse(String id, Result<Response> answer);
  }

  private final List<Monitor> monitors = new CopyOnWriteArrayList<>();

  Subscription add(Monitor monitor) {
    monitors.add(monitor);
    return () -> monitors.remove(monitor);
  }

  /** Asked for each request. */
  boolean isEmpty() {
    return monitors.isEmpty();
  }

  /** A request is on its way. */
  void show(Inputs.Request request, CompletionStage<Result<Response>> answer) {
    Kind kind = RequestRules.kind(request);
    String id = request.message().id(); // What waits for the answer holds no more than that.
    for (Monitor each : monitors) {
      if (each.kind() == kind && matches(each.filter(), request.message().channel())) {
        each.onRequest(request);
        answer.thenAccept(outcome -> each.onResponse(id, outcome));
      }
    }
  }

  /** Tokens between dots; {@code *} is one, a last {@code >} one or more. */
  static boolean matches(String pattern, String channel) {
    if (pattern.equals(channel)) {
      return true;
    }
    String[] wanted = pattern.split("\\.", -1);
    String[] tokens = channel.split("\\.", -1);
    for (int i = 0; i < wanted.length; i++) {
      if (i == tokens.length) {
        return false;
      }
      if (i == wanted.length - 1 && wanted[i].equals(">")) {
        return true;
      }
      if (!wanted[i].equals("*") && !wanted[i].equals(tokens[i])) {
        return false;
      }
    }
    return wanted.length == tokens.length;
  }
}
