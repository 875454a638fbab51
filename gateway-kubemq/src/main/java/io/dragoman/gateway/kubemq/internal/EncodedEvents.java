// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.google.protobuf.CodedOutputStream;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.kubemq.protocol.EventReceive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as gRPC subscribers get them, encoded once into one array that every subscriber of a
 * lane shares.
 */
final class EncodedEvents implements AutoCloseable {
  private final List<EncodedMessage> messages;
  private final long[] volumes;

  private EncodedEvents(List<EncodedMessage> messages, long[] volumes) {
    this.messages = messages;
    this.volumes = volumes;
  }

  static EncodedEvents ofEvents(List<Message> events) {
    List<EventReceive> shown = new ArrayList<>(events.size());
    long[] volumes = new long[events.size()];
    long volume = 0;
    for (Message event : events) {
      volume += InterfaceStats.volume(event);
      volumes[shown.size()] = volume;
      shown.add(GrpcEncoders.event(event, 0, 0));
    }
    return new EncodedEvents(encoded(shown), volumes);
  }

  static EncodedEvents ofRecords(List<LogRecord> records) {
    List<EventReceive> shown = new ArrayList<>(records.size());
    long[] volumes = new long[records.size()];
    long volume = 0;
    for (LogRecord each : records) {
      volume += InterfaceStats.volume(each.message());
      volumes[shown.size()] = volume;
      shown.add(GrpcEncoders.event(each.message(), each.timestampNanos(), each.sequence()));
    }
    return new EncodedEvents(encoded(shown), volumes);
  }

  private static List<EncodedMessage> encoded(List<EventReceive> shown) {
    int bytes = 0;
    for (EventReceive each : shown) {
      bytes = Math.addExact(bytes, each.getSerializedSize());
    }
    byte[] array = new byte[bytes];
    List<EncodedMessage> messages = new ArrayList<>(shown.size());
    int offset = 0;
    try {
      for (EventReceive each : shown) {
        int length = each.getSerializedSize();
        CodedOutputStream out = CodedOutputStream.newInstance(array, offset, length);
        each.writeTo(out);
        messages.add(new EncodedMessage(array, offset, length));
        offset += length;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a message was larger than it said", e);
    }
    return messages;
  }

  int count() {
    return volumes.length;
  }

  EncodedMessage get(int index) {
    return messages.get(index);
  }

  /** The volume of the first messages. */
  long volume(int messages) {
    return messages == 0 ? 0 : volumes[messages - 1];
  }

  /** The array is the garbage collector's. */
  @Override
  public void close() {
    // Nothing to release.
  }
}
