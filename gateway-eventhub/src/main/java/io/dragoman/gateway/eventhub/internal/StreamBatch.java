// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

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

  private final ByteBuf joined;
  private final int[] ends;
  private int count;

  private StreamBatch(ByteBufAllocator allocator, int events) {
    this.joined = allocator.buffer(events * OVERHEAD_BYTES);
    this.ends = new int[events];
  }

  static StreamBatch ofRecords(List<LogRecord> records, ByteBufAllocator allocator) {
    StreamBatch batch = new StreamBatch(allocator, records.size());
    for (LogRecord record : records) {
      batch.add(EventIds.of(record), record.message());
    }
    return batch;
  }

  /**
   * @param nowNanos unix time, from which ids are made
   */
  static StreamBatch ofEvents(List<Message> events, long nowNanos, ByteBufAllocator allocator) {
    StreamBatch batch = new StreamBatch(allocator, events.size());
    long moment = nowNanos | 1;
    for (Message event : events) {
      batch.add(EventIds.of(moment, 0), event);
      moment += 2;
    }
    return batch;
  }

  private void add(String id, Message message) {
    joined.writeBytes(ID).writeBytes(JsonText.ascii(id));
    if (TextBody.isText(message.body())) {
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

  /** The first events, to be written and thereby released. */
  ByteBuf first(int events) {
    return events == count
        ? joined.retainedDuplicate()
        : joined.retainedSlice(joined.readerIndex(), ends[events - 1]);
  }

  @Override
  public void close() {
    joined.release();
  }
}
