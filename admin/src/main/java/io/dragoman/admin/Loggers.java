// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loggers of this module. */
final class Loggers {
  static final Logger METRICS = LoggerFactory.getLogger("io.dragoman.admin.metrics");

  static final Logger API = LoggerFactory.getLogger("io.dragoman.admin.api");

  private Loggers() {}
}
