// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of one channel, or of the keys, is missing or cannot be read.
 *
 * @param kind of the channel; null for the keys
 * @param channel its name; empty for the keys
 * @param messages how many messages or keys at most; of some of them it cannot be known whether
 *     they had been consumed
 * @param what which they are, a phrase for people
 */
public record Loss(@Nullable Kind kind, String channel, long messages, String what) {

  @Override
  public String toString() {
    Kind of = kind;
    return (of == null ? "keys" : of.label() + " " + channel)
        + ": "
        + messages
        + (of == null ? " key" : " message")
        + (messages == 1 ? "" : "s")
        + " lost"
        + (what.isEmpty() ? "" : " (" + what + ")");
  }

  /** All that is accounted for is lost. */
  static List<Loss> ofAll(Tallies.Account account) {
    List<Loss> all = new ArrayList<>();
    account.channels().values().forEach(channel -> all.add(ofAll(channel)));
    byte[] keys = account.keys();
    if (keys != null) {
      all.add(new Loss(null, "", KeyRecords.Figures.of(keys).keys(), "all of them"));
    }
    return all;
  }

  /** All of a channel is lost. */
  private static Loss ofAll(Tallies.Channel channel) {
    Loss loss =
        channel.kind() == Kind.QUEUE
            ? ofQueueTail(channel.name(), QueueState.Figures.of(channel.state()), null)
            : ofLogTail(channel.name(), LogState.Figures.of(channel.state()), null);
    return java.util.Objects.requireNonNull(loss);
  }

  /** What a queue has lost at its end; null when nothing. */
  static @Nullable Loss ofQueueTail(
      String name, QueueState.Figures taken, QueueState.@Nullable Figures there) {
    if (there == null) {
      long messages = taken.stored() + taken.delayed();
      return new Loss(Kind.QUEUE, name, messages, "the whole queue");
    }
    if (!there.before(taken)) {
      return null;
    }
    long waiting = Math.max(0, taken.next() - there.next());
    long delayed = Math.max(0, taken.delayed() - there.delayed());
    String what =
        (waiting == 0 ? "" : range(there.next(), taken.next() - 1) + "; ")
            + (delayed == 0 ? "" : delayed + " of them delayed; ")
            + "messages that were acknowledged last may be delivered again";
    return new Loss(Kind.QUEUE, name, waiting + delayed, what);
  }

  /** What a log has lost at its end; null when nothing. */
  static @Nullable Loss ofLogTail(
      String name, LogState.Figures taken, LogState.@Nullable Figures there) {
    if (there == null) {
      long messages = taken.next() - taken.first() - taken.extra().stubs();
      return new Loss(Kind.LOG, name, messages, "the whole log");
    }
    if (!there.before(taken)) {
      return null;
    }
    long lost = Math.max(0, taken.next() - there.next());
    String what = lost == 0 ? "a trim" : range(there.next(), taken.next() - 1);
    return new Loss(Kind.LOG, name, lost, what);
  }

  static String range(long first, long last) {
    return first == last ? "sequence " + first : "sequences " + first + " to " + last;
  }
}
