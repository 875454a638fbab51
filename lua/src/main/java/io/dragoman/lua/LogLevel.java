// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/** How important a script says a line of its log is. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  ERROR
}
