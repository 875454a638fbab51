// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts and stops the servers of {@link EventhubSuite} classes; the store closes them. */
final class EventhubExtension implements BeforeAllCallback, ParameterResolver, ExecutionCondition {

  private static final Namespace NAMESPACE = Namespace.create(EventhubExtension.class);
  private static final String SERVER = "server";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return wantsOwn(context) && Eventhub.isExternal()
        ? ConditionEvaluationResult.disabled("needs a server with settings of its own")
        : ConditionEvaluationResult.enabled("the server can be had");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (wantsOwn(context)) {
      context.getStore(NAMESPACE).put(SERVER, Eventhub.start(settings(context)));
    } else {
      context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(SERVER, key -> Eventhub.shared(), Eventhub.class);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Eventhub.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).get(SERVER, Eventhub.class);
  }

  private static boolean wantsOwn(ExtensionContext context) {
    EventhubSuite suite = suite(context);
    return suite.ownServer() || suite.settings().length > 0;
  }

  private static EventhubSuite suite(ExtensionContext context) {
    return context.getRequiredTestClass().getAnnotation(EventhubSuite.class);
  }

  private static Map<String, String> settings(ExtensionContext context) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String assignment : suite(context).settings()) {
      int equals = assignment.indexOf('=');
      settings.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
    return settings;
  }
}
