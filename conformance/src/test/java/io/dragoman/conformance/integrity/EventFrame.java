// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * Reads the frame of an event without making anything of it but numbers, as there are very many.
 * Strict: the members are there in their order, and no others. For one thread.
 */
final class EventFrame {

  private static final byte[] BEGIN = "{\"id\":".getBytes(US_ASCII);
  private static final byte[] RESULT =
      ",\"jsonrpc\":\"2.0\",\"result\":{\"id\":\"".getBytes(US_ASCII);
  private static final byte[] MESSAGE = "\",\"message\":\"".getBytes(US_ASCII);
  private static final byte[] TOPIC = "\",\"topic\":\"".getBytes(US_ASCII);
  private static final byte[] END = "\"}}".getBytes(US_ASCII);
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final byte[][] topics = new byte[Plan.TOPICS][];
  private byte[] bytes = {};
  private int at;

  long requestId;
  String id = "";
  long place;
  int publisher;
  int number;
  int topic;

  EventFrame(Plan plan) {
    Arrays.setAll(topics, i -> plan.topic(i).getBytes(US_ASCII));
  }

  /** Whether it is an event; if it is not, it is the answer to a request. */
  boolean read(byte[] frame, int from, int to) {
    bytes = frame;
    at = from;
    if (!skip(BEGIN)) {
      return false;
    }
    requestId = digits();
    if (!skip(RESULT)) {
      return false;
    }
    int idFrom = at;
    long millis = digits();
    at++;
    place = millis * NANOS_PER_MILLI + digits();
    id = new String(bytes, idFrom, at - idFrom, US_ASCII);
    if (!skip(MESSAGE)) {
      throw unreadable(from, to);
    }
    publisher = (int) digits();
    at++;
    number = (int) digits();
    while (at < to && bytes[at] != '"') {
      at++;
    }
    if (!skip(TOPIC)) {
      throw unreadable(from, to);
    }
    topic = -1;
    for (int i = 0; i < topics.length; i++) {
      if (at + topics[i].length + END.length == to && skip(topics[i])) {
        topic = i;
        break;
      }
    }
    if (topic < 0 || !skip(END)) {
      throw unreadable(from, to);
    }
    return true;
  }

  private static IllegalStateException unreadable(byte[] bytes, int from, int to) {
    return new IllegalStateException("a frame: " + new String(bytes, from, to - from, US_ASCII));
  }

  private IllegalStateException unreadable(int from, int to) {
    return unreadable(bytes, from, to);
  }

  private boolean skip(byte[] expected) {
    if (at + expected.length > bytes.length
        || !Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length)) {
      return false;
    }
    at += expected.length;
    return true;
  }

  private long digits() {
    long value = 0;
    while (bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + bytes[at++] - '0';
    }
    return value;
  }
}
