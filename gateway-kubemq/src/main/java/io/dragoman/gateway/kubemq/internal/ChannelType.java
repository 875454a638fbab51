// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import org.jspecify.annotations.Nullable;

/** What this dialect calls the kinds of channel, where it says them in words. */
enum ChannelType {
  EVENTS("events", Kind.EVENTS),
  EVENTS_STORE("events_store", Kind.LOG),
  COMMANDS("commands", Kind.COMMAND),
  QUERIES("queries", Kind.QUERY),
  QUEUES("queues", Kind.QUEUE);

  private final String word;
  private final Kind kind;

  ChannelType(String word, Kind kind) {
    this.word = word;
    this.kind = kind;
  }

  String word() {
    return word;
  }

  Kind kind() {
    return kind;
  }

  /** The type that stands for a kind. */
  static ChannelType of(Kind kind) {
    return switch (kind) {
      case EVENTS -> EVENTS;
      case LOG -> EVENTS_STORE;
      case COMMAND -> COMMANDS;
      case QUERY -> QUERIES;
      case QUEUE -> QUEUES;
    };
  }

  /** The type of this name, or null. */
  static @Nullable ChannelType of(String word) {
    for (ChannelType type : values()) {
      if (type.word.equals(word)) {
        return type;
      }
    }
    return null;
  }
}
