// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelStats;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What passed through all channels, for {@code /v1/stats/channels}. */
final class ChannelCounts {

  /** Of one channel, both sides together; or of several. */
  private record Counts(String kind, String name, long messages, long volume, long errors) {
    Counts plus(Counts other) {
      return new Counts(
          kind, name, messages + other.messages, volume + other.volume, errors + other.errors);
    }
  }

  private ChannelCounts() {}

  static void write(JsonWriter out, String host, String now, ChannelStats stats) {
    List<Counts> channels = read(stats);
    out.beginObject();
    out.key(ApiKeys.CAPITAL_HOST).value(host);
    out.key(ApiKeys.LAST_UPDATE).value(now);
    out.key(ApiKeys.CHANNELS).beginArray();
    for (Counts channel : channels) {
      out.beginObject().key(ApiKeys.KIND).value(channel.kind);
      out.key(ApiKeys.NAME).value(channel.name);
      totals(out, channel).endObject();
    }
    out.endArray();
    summary(out, channels);
    out.endObject();
  }

  /** The reference's own spelling is part of the shape. */
  private static void summary(JsonWriter out, List<Counts> channels) {
    out.key(ApiKeys.SUMMERY).beginArray();
    for (ChannelType type : ChannelType.values()) {
      List<Counts> ofType =
          channels.stream().filter(each -> each.kind.equals(type.word())).toList();
      Counts sum = ofType.stream().reduce(new Counts(type.word(), "", 0, 0, 0), Counts::plus);
      out.beginObject().key(ApiKeys.KIND).value(type.word());
      out.key(ApiKeys.TOTAL_CHANNELS).value(ofType.size());
      totals(out, sum).endObject();
    }
    out.endArray();
  }

  private static JsonWriter totals(JsonWriter out, Counts counts) {
    return out.key(ApiKeys.TOTAL_MESSAGES)
        .value(counts.messages)
        .key(ApiKeys.TOTAL_VOLUME)
        .value(counts.volume)
        .key(ApiKeys.TOTAL_ERRORS)
        .value(counts.errors);
  }

  private static List<Counts> read(ChannelStats stats) {
    List<Counts> channels = new ArrayList<>();
    stats.forEach(
        (kind, name, entry) ->
            channels.add(
                new Counts(
                    ChannelType.of(kind).word(),
                    name,
                    entry.messagesIn() + entry.messagesOut(),
                    entry.bytesIn() + entry.bytesOut(),
                    entry.errors())));
    channels.sort(
        Comparator.comparingLong(Counts::messages).reversed().thenComparing(Counts::name));
    return channels;
  }
}
