// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts and stops the servers of {@link ConnmixSuite} classes; the store closes them. */
final class ConnmixExtension implements BeforeAllCallback, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(ConnmixExtension.class);
  private static final String SERVER = "server";

  @Override
  public void beforeAll(ExtensionContext context) {
    if (wantsOwn(context)) {
      context.getStore(NAMESPACE).put(SERVER, Connmix.start(settings(context)));
    } else {
      context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(SERVER, key -> Connmix.start(Map.of()), Connmix.class);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Connmix.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).get(SERVER, Connmix.class);
  }

  private static boolean wantsOwn(ExtensionContext context) {
    ConnmixSuite suite = suite(context);
    return suite.ownServer() || suite.settings().length > 0;
  }

  private static ConnmixSuite suite(ExtensionContext context) {
    return context.getRequiredTestClass().getAnnotation(ConnmixSuite.class);
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
