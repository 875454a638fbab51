// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonText;
import io.dragoman.transport.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as the frames that subscribers get. Frames for different subscriptions differ only in the
 * id in front, so what follows it is encoded once, and the frames of all events joined once for
 * each id. For one lane.
 */
final class ResultBatch implements AutoCloseable {
  /** Under this key a batch of events keeps its frames. */
  static final Object KEY = new Object();

  private static final byte[] HEAD = JsonText.ascii("{\"id\":");
  private static final byte[] RESULT = JsonText.ascii(",\"jsonrpc\":\"2.0\",\"result\":");

  private static final byte[] ENCODING = JsonText.ascii("\"encoding\":\"base64\",");
  private static final byte[] ID = JsonText.ascii("\"id\":");
  private static final byte[] MESSAGE = JsonText.ascii(",\"message\":");
  private static final byte[] ORIGIN = JsonText.ascii(",\"origin\":");
  private static final byte[] TOPIC = JsonText.ascii(",\"topic\":");

  /** Frames that are kept for further subscriptions with the same id. */
  private static final int JOINED_BYTES_MAX = 4 << 20;

  /** What an event's keys and a frame's header take, roughly. */
  private static final int OVERHEAD_BYTES = 128;

  private final ByteBufAllocator allocator;
  private final ByteBuf tails;
  private final int[] ends;

  /** Where in the tails the ids of events end that nobody keeps; empty for records. */
  private final int[] idEnds;

  private final Map<Key, Joined> joined = new HashMap<>(4);
  private int count;
  private @Nullable Joined last;
  private long joinedBytes;

  /** What was joined last, when no more is kept. */
  private @Nullable Joined unkept;

  /** The subscribers whose frames are the same. */
  private record Key(RequestId id, long placeNanos) {}

  /** The frames of all events for some subscribers. */
  private static final class Joined {
    private final Key key;
    private final ByteBuf frames;
    private final int[] ends;

    private Joined(Key key, ByteBuf frames, int[] ends) {
      this.key = key;
      this.frames = frames;
      this.ends = ends;
    }
  }

  private ResultBatch(ByteBufAllocator allocator, int events, int bytes, int[] idEnds) {
    this.allocator = allocator;
    this.tails = allocator.buffer(bytes);
    this.ends = new int[events];
    this.idEnds = idEnds;
  }

  static ResultBatch ofRecords(List<LogRecord> records, ByteBufAllocator allocator) {
    int bytes = 0;
    for (LogRecord record : records) {
      bytes += estimate(record.message());
    }
    ResultBatch batch = new ResultBatch(allocator, records.size(), bytes, new int[0]);
    for (LogRecord record : records) {
      batch.add(EventIds.of(record), record.message());
    }
    return batch;
  }

  /**
   * Events that nobody keeps. Their ids are made here, and say how far a subscriber has been given
   * the log; see {@link EventIds}.
   *
   * @param nowNanos unix time
   */
  static ResultBatch ofEvents(List<Message> events, long nowNanos, ByteBufAllocator allocator) {
    int bytes = 0;
    for (Message event : events) {
      bytes += estimate(event);
    }
    int[] idEnds = new int[events.size()];
    ResultBatch batch = new ResultBatch(allocator, events.size(), bytes, idEnds);
    for (int i = 0; i < idEnds.length; i++) {
      idEnds[i] = batch.add(EventIds.passing(nowNanos + i), events.get(i));
    }
    return batch;
  }

  /**
   * Writes an event as the result that subscribers and askers for history get.
   *
   * @return where its id ends in the buffer
   */
  static int writeEvent(ByteBuf out, String id, Message message) {
    byte[] body = message.body();
    boolean text = Utf8Text.isValid(body);
    out.writeByte('{');
    if (!text) {
      out.writeBytes(ENCODING);
    }
    out.writeBytes(ID);
    JsonText.string(out, id);
    int idEnd = out.writerIndex() - 1;
    out.writeBytes(MESSAGE);
    if (text) {
      JsonText.string(out, body);
    } else {
      JsonText.base64(out, body);
    }
    if (!message.clientId().isEmpty()) {
      out.writeBytes(ORIGIN);
      JsonText.string(out, message.clientId());
    }
    out.writeBytes(TOPIC);
    JsonText.string(out, message.channel());
    out.writeByte('}');
    return idEnd;
  }

  private static int estimate(Message message) {
    return OVERHEAD_BYTES + message.body().length + message.channel().length();
  }

  private int add(String id, Message message) {
    tails.writeBytes(RESULT);
    int idEnd = writeEvent(tails, id, message);
    tails.writeByte('}');
    ends[count++] = tails.readableBytes();
    return idEnd;
  }

  int count() {
    return count;
  }

  /** How many events a client can take now; see {@link Fitting}. */
  int within(long pendingBytes, long allowance) {
    return Fitting.count(ends, count, pendingBytes, allowance);
  }

  /**
   * The frames of the first events for a subscription, to be written and thereby released; at once
   * if {@link #crowded}.
   *
   * @param placeNanos up to where it has been given the log; of no meaning for records
   */
  ByteBuf frames(RequestId id, long placeNanos, int events) {
    Joined made = joinedFor(new Key(id, idEnds.length == 0 ? 0 : placeNanos));
    return events == count
        ? made.frames.retainedDuplicate()
        : made.frames.retainedSlice(0, made.ends[events - 1]);
  }

  private Joined joinedFor(Key key) {
    Joined found = last;
    if (found == null || !found.key.equals(key)) {
      found = joined.get(key);
    }
    if (found == null) {
      found = join(key);
      keep(found);
    }
    last = found;
    return found;
  }

  /** With an id of its own for each subscription it would be a copy of all events for each. */
  private void keep(Joined made) {
    if (crowded()) {
      Joined before = unkept;
      unkept = made;
      if (before != null) {
        before.frames.release();
      }
    } else {
      joined.put(made.key, made);
      joinedBytes +=
          Places.areShared(tails, count)
              ? (long) count * headBytes(made.key.id)
              : made.frames.readableBytes();
    }
  }

  /** Whether there are so many ids that what is written should leave before more is. */
  boolean crowded() {
    return joinedBytes >= JOINED_BYTES_MAX;
  }

  private static int headBytes(RequestId id) {
    return WebSocketFrames.HEADER_LENGTH_MAX + HEAD.length + id.json().length;
  }

  /** Each event has a head of its own, and what follows is the same memory for all. */
  private Joined joinShared(Key key) {
    RequestId id = key.id;
    ByteBuf shared =
        idEnds.length == 0 ? tails.retainedSlice() : Places.with(tails, idEnds, key.placeNanos);
    CompositeByteBuf frames = allocator.compositeBuffer(2 * count);
    int[] frameEnds = new int[count];
    int start = 0;
    for (int i = 0; i < count; i++) {
      int length = ends[i] - start;
      ByteBuf head = allocator.buffer(headBytes(id));
      WebSocketFrames.writeTextHeader(head, HEAD.length + id.json().length + length);
      head.writeBytes(HEAD).writeBytes(id.json());
      frames.addComponent(true, head);
      frames.addComponent(true, shared.retainedSlice(start, length));
      start = ends[i];
      frameEnds[i] = frames.readableBytes();
    }
    shared.release();
    return new Joined(key, frames, frameEnds);
  }

  private Joined join(Key key) {
    if (Places.areShared(tails, count)) {
      return joinShared(key);
    }
    RequestId id = key.id;
    int head = HEAD.length + id.json().length;
    ByteBuf frames = allocator.buffer(tails.readableBytes() + count * headBytes(id));
    int[] frameEnds = new int[count];
    int start = 0;
    for (int i = 0; i < count; i++) {
      int length = ends[i] - start;
      WebSocketFrames.writeTextHeader(frames, head + length);
      frames.writeBytes(HEAD);
      frames.writeBytes(id.json());
      int tail = frames.writerIndex();
      frames.writeBytes(tails, start, length);
      if (idEnds.length != 0) {
        EventIds.setPlace(frames, tail + idEnds[i] - start, key.placeNanos);
      }
      start = ends[i];
      frameEnds[i] = frames.readableBytes();
    }
    return new Joined(key, frames, frameEnds);
  }

  @Override
  public void close() {
    tails.release();
    joined.values().forEach(each -> each.frames.release());
    if (unkept != null) {
      unkept.frames.release();
    }
  }
}
