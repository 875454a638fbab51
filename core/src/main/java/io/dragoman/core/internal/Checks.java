// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Ids;
import io.dragoman.core.KeyValues;
import io.dragoman.core.Message;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every port checks before it does anything. Methods give the refusal, already counted, or
 * null when all is well. Stateless but for the counters; safe from any thread.
 */
final class Checks {
  private final CoreOptions options;
  private final CoreMetrics metrics;

  Checks(CoreOptions options, CoreMetrics metrics) {
    this.options = options;
    this.metrics = metrics;
  }

  /** A channel name and the size of its message. */
  @Nullable BrokerError message(Message message) {
    BrokerError error = name("channel", message.channel());
    return error != null ? error : size(message);
  }

  /** Only the size of a message whose channel does not matter. */
  @Nullable BrokerError size(Message message) {
    long bytes = (long) message.body().length + message.metadata().length();
    for (Map.Entry<String, String> tag : message.tags().entrySet()) {
      bytes += tag.getKey().length() + tag.getValue().length();
    }
    if (bytes <= options.messageBytesMax()) {
      return null;
    }
    return refuse(
        ErrorCode.TOO_LARGE,
        "the message has " + bytes + " bytes, over the limit of " + options.messageBytesMax());
  }

  @Nullable BrokerError filter(ChannelFilter filter, @Nullable String group) {
    BrokerError error = name(filter.isExact() ? "channel" : "pattern", filter.text());
    return error != null ? error : optionalName("group", group);
  }

  /** A name that may be absent: null and empty both say so. */
  @Nullable BrokerError optionalName(String what, @Nullable String name) {
    return name == null || name.isEmpty() ? null : name(what, name);
  }

  /**
   * @param what what it names, for the text
   */
  @Nullable BrokerError name(String what, String name) {
    if (name.isEmpty()) {
      return refuse(ErrorCode.INVALID_NAME, "the " + what + " name is empty");
    }
    int bytes = utf8Length(name);
    if (bytes < 0) {
      return refuse(ErrorCode.INVALID_NAME, "the " + what + " name is not valid Unicode");
    }
    if (bytes > options.channelNameBytesMax()) {
      return refuse(
          ErrorCode.INVALID_NAME,
          "the " + what + " name is over " + options.channelNameBytesMax() + " bytes");
    }
    return null;
  }

  /** A key, which may be any text. */
  @Nullable BrokerError key(String key) {
    int bytes = utf8Length(key);
    if (bytes < 0) {
      return refuse(ErrorCode.INVALID_NAME, "the key is not valid Unicode");
    }
    if (bytes > KeyValues.KEY_BYTES_MAX) {
      return refuse(
          ErrorCode.INVALID_NAME, "the key is over " + KeyValues.KEY_BYTES_MAX + " bytes");
    }
    return null;
  }

  /** The size of a key's value, which is bounded as a message is. */
  @Nullable BrokerError value(byte[] value) {
    if (value.length <= options.messageBytesMax()) {
      return null;
    }
    return refuse(
        ErrorCode.TOO_LARGE,
        "the value has " + value.length + " bytes, over the limit of " + options.messageBytesMax());
  }

  /** An argument that has a lower bound. */
  @Nullable BrokerError atLeast(long least, long value, String what) {
    if (value >= least) {
      return null;
    }
    return refuse(
        ErrorCode.INVALID_ARGUMENT, what + " must be at least " + least + ", not " + value);
  }

  BrokerError refuse(ErrorCode code, String detail) {
    metrics.refused(code);
    return new BrokerError(code, detail);
  }

  /** The message, with an id of ours if its sender gave none. */
  static Message withId(Message message) {
    return message.id().isEmpty() ? message.toBuilder().id(Ids.uuid()).build() : message;
  }

  /**
   * Bytes in UTF-8; negative when it has none because a surrogate stands alone: such names would
   * turn into each other on disk.
   */
  private static int utf8Length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        return -1;
      }
    }
    return bytes;
  }
}
