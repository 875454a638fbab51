// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that nobody keeps, for subscribers who have been given the log up to different places. */
class EventBatchesTest {
  private static final long NOW = 1_700_000_000_000_000_000L;
  private static final int SUBSCRIBERS = 200;

  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);

  @AfterEach
  void assertAllReleased() {
    assertThat(allocator.metric().directArenas())
        .allSatisfy(arena -> assertThat(arena.numActiveAllocations()).isZero());
  }

  private static List<Message> events(int bytes) {
    List<Message> events = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] body = (i + "x".repeat(bytes)).getBytes(StandardCharsets.UTF_8);
      events.add(Message.builder().channel("t").body(body).build());
    }
    return events;
  }

  private static String place(int subscriber) {
    return Long.toString(NOW + 2L * subscriber | 1);
  }

  private static RequestId id(int subscriber) {
    return new RequestId(Integer.toString(subscriber).getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(ByteBuf frames) {
    try {
      return frames.toString(StandardCharsets.UTF_8);
    } finally {
      frames.release();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 10_000})
  void shouldSayToEachWebSocketWhereItIs(int bytes) {
    try (ResultBatch batch = ResultBatch.ofEvents(events(bytes), NOW, allocator)) {
      for (int i = 0; i < SUBSCRIBERS; i++) {
        for (int count = 1; count <= 3; count++) {
          String frames = text(batch.frames(id(i), NOW + 2L * i, count));
          assertThat(frames.split("\"id\":\"[0-9]+-[0-9]{6}" + place(i) + "\"", -1))
              .hasSize(count + 1);
          assertThat(frames.split("\\{\"id\":" + i + ",\"jsonrpc\"", -1)).hasSize(count + 1);
          assertThat(frames).contains("\"message\":\"" + (count - 1) + "x").endsWith("}}");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 10_000})
  void shouldSayToEachStreamWhereItIs(int bytes) {
    try (StreamBatch batch = StreamBatch.ofEvents(events(bytes), NOW, allocator)) {
      for (int i = 0; i < SUBSCRIBERS; i++) {
        for (int count = 1; count <= 3; count++) {
          String frames = text(batch.first(count, NOW + 2L * i));
          assertThat(frames.split("id: [0-9]+-[0-9]{6}" + place(i) + "\n", -1)).hasSize(count + 1);
          assertThat(frames).contains("data: " + (count - 1) + "x").endsWith("x\n\n");
        }
      }
    }
  }

  /** However many there are, and wherever each of them is. */
  @Test
  void shouldHoldLargeEventsOnce() {
    List<Message> large = events(4 << 20);
    List<ByteBuf> waiting = new ArrayList<>();
    try (ResultBatch results = ResultBatch.ofEvents(large, NOW, allocator);
        StreamBatch stream = StreamBatch.ofEvents(large, NOW, allocator)) {
      for (int i = 0; i < SUBSCRIBERS; i++) {
        waiting.add(results.frames(id(i), NOW + 2L * i, 3));
        waiting.add(stream.first(3, NOW + 2L * i));
      }
      assertThat(allocator.metric().usedDirectMemory()).isLessThan(100L << 20);
    } finally {
      waiting.forEach(ByteBuf::release);
    }
  }

  /** Of small ones copies are kept for those who are at the same place, but not without end. */
  @Test
  void shouldKeepFewCopiesOfSmallEvents() {
    List<Message> small = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      small.addAll(events(300));
    }
    try (ResultBatch results = ResultBatch.ofEvents(small, NOW, allocator);
        StreamBatch stream = StreamBatch.ofEvents(small, NOW, allocator)) {
      for (int i = 0; i < SUBSCRIBERS; i++) {
        text(results.frames(id(i), NOW + 2L * i, small.size()));
        text(stream.first(small.size(), NOW + 2L * i));
      }
      assertThat(results.crowded()).isTrue();
      assertThat(stream.crowded()).isTrue();
      assertThat(allocator.metric().usedDirectMemory()).isLessThan(40L << 20);
    }
  }
}
