// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.List;

/** What Redis answered to a command. */
public sealed interface RedisReply {

  /** There is no value. */
  record Nothing() implements RedisReply {}

  /** Any bytes, or a word such as {@code OK}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(byte[] value) implements RedisReply {}

  /** A whole number. */
  record Whole(long value) implements RedisReply {}

  /** Several answers; faults may be among them. */
  record Several(List<RedisReply> values) implements RedisReply {}

  /** A fault, such as {@code WRONGTYPE} and what it means. */
  record Fault(String message) implements RedisReply {}
}
