// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a channel that is a list: {@code events:a}, {@code routes:key}, or a name alone.
 *
 * @param name of a channel, or the key of a route
 */
record RoutePart(Type type, String name) {

  /** Where a part leads to. */
  enum Type {
    /** Whatever its sender sends to. */
    OWN("", null),
    EVENTS("events:", Kind.EVENTS),
    EVENTS_STORE("events_store:", Kind.LOG),
    QUEUES("queues:", Kind.QUEUE),
    /** Wherever the route table says. */
    ROUTES("routes:", null);

    private final String prefix;
    private final @Nullable Kind kind;

    Type(String prefix, @Nullable Kind kind) {
      this.prefix = prefix;
      this.kind = kind;
    }

    /** The kind of channel; null for those that do not say. */
    @Nullable Kind kind() {
      return kind;
    }
  }

  /** Of one list, the same ones too; so much is looked through at most. */
  private static final int PARTS_MAX = 1024;

  /** What so many parts can need, with longer names than most brokers allow. */
  private static final int LIST_LENGTH_MAX = PARTS_MAX * 512;

  private static final int SHOWN_MAX = 400;

  /**
   * Whether a channel is more than a name. Asked for each message: nearly all are names, and are
   * looked through once.
   */
  static boolean isList(String channel) {
    boolean first = true;
    for (int i = 0; i < channel.length(); i++) {
      char c = channel.charAt(i);
      if (c == ';' || c == ':' && first && typeOf(channel) != Type.OWN) {
        return true;
      }
      first &= c != ':';
    }
    return false;
  }

  /** The parts of a list, blanks around them left out. */
  static List<RoutePart> list(String channel) throws BadInputException {
    if (channel.length() > LIST_LENGTH_MAX) {
      throw new BadInputException(
          "invalid channel value, it has more than " + LIST_LENGTH_MAX + " characters");
    }
    List<RoutePart> parts = new ArrayList<>();
    for (String each : channel.split(";", PARTS_MAX + 1)) {
      if (parts.size() == PARTS_MAX) {
        throw new BadInputException("invalid channel value, it has more than 1024 parts");
      }
      String part = each.trim();
      Type type = typeOf(part);
      String name = part.substring(type.prefix.length()).trim();
      if (name.isEmpty()) {
        throw new BadInputException(
            "invalid channel value, a part of it is empty: " + shown(channel));
      }
      parts.add(new RoutePart(type, name));
    }
    return parts;
  }

  /** As much of a text as an error may repeat: one for gRPC has to fit into a header. */
  static String shown(String text) {
    if (text.length() <= SHOWN_MAX) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(SHOWN_MAX - 1)) ? SHOWN_MAX - 1 : SHOWN_MAX;
    return text.substring(0, end) + "...";
  }

  private static Type typeOf(String part) {
    for (Type type : Type.values()) {
      if (type != Type.OWN && part.startsWith(type.prefix)) {
        return type;
      }
    }
    return Type.OWN;
  }
}
