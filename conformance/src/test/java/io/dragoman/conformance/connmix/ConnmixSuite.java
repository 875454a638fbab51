// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A class whose tests take a {@link Connmix}: the run's shared server, or one of the class's own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ConnmixExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 90, unit = TimeUnit.SECONDS)
@interface ConnmixSuite {

  /** A server for this class alone, because it counts what a whole server does. */
  boolean ownServer() default false;

  /** Settings, as {@code key=value}, of a server for this class alone. */
  String[] settings() default {};
}
