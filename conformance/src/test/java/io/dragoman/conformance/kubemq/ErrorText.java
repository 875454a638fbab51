// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import java.util.Map;

/** The exact texts of KubeMQ's errors, as clients compare them. */
final class ErrorText {

  private static final Map<Integer, String> TEXTS =
      Map.ofEntries(
          Map.entry(101, "invalid clientID value, cannot be empty"),
          Map.entry(102, "invalid channel value, cannot be empty"),
          Map.entry(107, "invalid channel value, no wildcards are allowed"),
          Map.entry(108, "invalid channel value, no white spaces are allowed"),
          Map.entry(109, "invalid set timeout value, cannot be 0 or negative"),
          Map.entry(110, "invalid message, cannot be empty"),
          Map.entry(111, "invalid subscription type, cannot be undefined or 0"),
          Map.entry(
              112, "invalid subscription type start at sequence value, cannot by 0 or negative"),
          Map.entry(113, "invalid subscription type start at time value, cannot by 0 or negative"),
          Map.entry(
              114, "invalid subscription type start at time delta value, cannot by 0 or negative"),
          Map.entry(115, "invalid request, cannot be empty"),
          Map.entry(116, "invalid cache ttl value, cannot be 0 or negative"),
          Map.entry(117, "invalid request id, cannot be empty"),
          Map.entry(118, "event store parameters were set but subscribe type is not event store"),
          Map.entry(119, "invalid channel value, cannot end with `.`"),
          Map.entry(
              120,
              "invalid queue name value, cannot be empty, contains wildcards ,white spaces and end"
                  + " with dot"),
          Map.entry(
              122, "max messages should be between 1 and max message setting in kubemq config  "),
          Map.entry(124, "no active message to ack"),
          Map.entry(125, "ack sequence cannot be 0 or negative"),
          Map.entry(126, "no active message to send"),
          Map.entry(
              127,
              "invalid visibility time, cannot be negative or exceed setting in kubemq config"),
          Map.entry(128, "subscription to queue is already active"),
          Map.entry(129, "current visibility timer expired"),
          Map.entry(130, "error during send message to queue"),
          Map.entry(131, "invalid queue message"),
          Map.entry(132, "invalid stream queue messages request type"),
          Map.entry(
              133,
              "invalid expiration seconds, exceed max expiration seconds setting in kubemq config"),
          Map.entry(
              134,
              "invalid max received count, cannot be negative or exceed max receive count setting"
                  + " in kubemq config"),
          Map.entry(
              135, "invalid delay seconds, exceed max delay seconds setting in kubemq config"),
          Map.entry(
              136,
              "invalid wait timeout, value cannot be negative or exceed max wait timeout seconds"
                  + " setting in kubemq config"),
          Map.entry(137, "no active message to reject"),
          Map.entry(138, "no new message in queue, wait time expired"),
          Map.entry(206, "invalid request type"),
          Map.entry(207, "invalid subscribe type"),
          Map.entry(301, "timeout for request message"),
          Map.entry(412, "access denied to resource"));

  private ErrorText() {}

  static String of(int number) {
    return "Error " + number + ": " + TEXTS.get(number);
  }
}
