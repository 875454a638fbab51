// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Events as an event stream has them (spec: eventhub §6), joined in one buffer that all streams of
 * a lane share. A text of several lines becomes as many data lines. Bytes that are no text come in
 * base64, as events of the type {@code base64}. For one lane.
 */
final class StreamBatch implements AutoCloseable {
  /** Under this key a batch of events keeps its form. */
  static final Object KEY = new Object();

  private static final byte[] ID = JsonText.ascii("id: ");
  private static final byte[] TYPE = JsonText.ascii("\nevent: base64");
  private static final byte[] DATA = JsonText.ascii("\ndata: ");
  private static final byte[] END = JsonText.ascii("\n\n");
  private static final int OVERHEAD_BYTES = 64;

  /** Copies that are kept for further subscribers. */
  private static final int PLACED_BYTES_MAX = 4 << 20;

  private final ByteBuf joined;
  private final int[] ends;

  /** Where the ids of events end that nobody keeps; empty for records. */
  private final int[] idEnds;

  /** By how far subscribers have been given the log. */
  private final Map<Long, ByteBuf> placed = new HashMap<>(4);

  private long placedBytes;
  private int count;

  private StreamBatch(ByteBufAllocator allocator, int events, int[] idEnds) {
    this.joined = allocator.buffer(events * OVERHEAD_BYTES);
    this.ends = new int[events];
    this.idEnds = idEnds;
  }

  static StreamBatch ofRecords(List<LogRecord> records, ByteBufAllocator allocator) {
    StreamBatch batch = new StreamBatch(allocator, records.size(), new int[0]);
    for (LogRecord record : records) {
      batch.add(EventIds.of(record), record.message());
    }
    return batch;
  }

  /**
   * As {@link ResultBatch#ofEvents}.
   *
   * @param nowNanos unix time
   */
  static StreamBatch ofEvents(List<Message> events, long nowNanos, ByteBufAllocator allocator) {
    int[] idEnds = new int[events.size()];
    StreamBatch batch = new StreamBatch(allocator, events.size(), idEnds);
    for (int i = 0; i < idEnds.length; i++) {
      idEnds[i] = batch.add(EventIds.passing(nowNanos + i), events.get(i));
    }
    return batch;
  }

  private int add(String id, Message message) {
    joined.writeBytes(ID).writeBytes(JsonText.ascii(id));
    int idEnd = joined.writerIndex();
    if (Utf8Text.isValid(message.body())) {
      joined.writeBytes(DATA);
      lines(message.body());
    } else {
      joined
          .writeBytes(TYPE)
          .writeBytes(DATA)
          .writeBytes(java.util.Base64.getEncoder().encode(message.body()));
    }
    joined.writeBytes(END);
    ends[count++] = joined.readableBytes();
    return idEnd;
  }

  /** Each of the three line ends that event streams know begins another data line. */
  private void lines(byte[] text) {
    int start = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '\n' || text[i] == '\r') {
        joined.writeBytes(text, start, i - start).writeBytes(DATA);
        if (text[i] == '\r' && i + 1 < text.length && text[i + 1] == '\n') {
          i++;
        }
        start = i + 1;
      }
    }
    joined.writeBytes(text, start, text.length - start);
  }

  int count() {
    return count;
  }

  /** As {@link ResultBatch#within}. */
  int within(long pendingBytes, long allowance) {
    return Fitting.count(ends, count, pendingBytes, allowance);
  }

  /**
   * The first events, to be written and thereby released.
   *
   * @param placeNanos up to where the subscriber has been given the log; of no meaning for records
   */
  ByteBuf first(int events, long placeNanos) {
    if (idEnds.length == 0) {
      return part(joined, events);
    }
    ByteBuf kept = placed.get(placeNanos);
    if (kept != null) {
      return part(kept, events);
    }
    ByteBuf made = Places.with(joined, idEnds, placeNanos);
    if (crowded()) {
      // For this subscriber alone.
      return events == count ? made : made.slice(0, ends[events - 1]);
    }
    placed.put(placeNanos, made);
    placedBytes += Places.bytes(joined, idEnds);
    return part(made, events);
  }

  private ByteBuf part(ByteBuf from, int events) {
    return events == count ? from.retainedDuplicate() : from.retainedSlice(0, ends[events - 1]);
  }

  /** As {@link ResultBatch#crowded}. */
  boolean crowded() {
    return placedBytes >= PLACED_BYTES_MAX;
  }

  @Override
  public void close() {
    joined.release();
    placed.values().forEach(ByteBuf::release);
  }
}
