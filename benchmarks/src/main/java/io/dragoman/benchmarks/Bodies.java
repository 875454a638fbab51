// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import com.google.protobuf.ByteString;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.Subscribe;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Requests with random bytes as message bodies, the same in every run. */
final class Bodies {

  private static final int DIFFERENT = 64;

  private Bodies() {}

  static List<String> queueMessages(String channel, int bodyBytes) {
    Random random = new Random(1);
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      bodies.add(queueMessage(random, channel, bodyBytes));
    }
    return bodies;
  }

  static List<String> batches(String channel, int bodyBytes, int messages) {
    Random random = new Random(2);
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < DIFFERENT / 4; i++) {
      List<String> each = new ArrayList<>();
      for (int j = 0; j < messages; j++) {
        each.add(queueMessage(random, channel, bodyBytes));
      }
      bodies.add("{\"BatchID\":\"b\",\"Messages\":[" + String.join(",", each) + "]}");
    }
    return bodies;
  }

  static List<String> events(String channel, int bodyBytes) {
    Random random = new Random(3);
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      bodies.add(event(random, channel, bodyBytes));
    }
    return bodies;
  }

  // --- the same for gRPC, encoded; with ids, as its client libraries make them up

  static List<byte[]> grpcQueueMessages(String channel, int bodyBytes) {
    Random random = new Random(4);
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      requests.add(grpcQueueMessage(random, channel, bodyBytes).toByteArray());
    }
    return requests;
  }

  static List<byte[]> grpcBatches(String channel, int bodyBytes, int messages) {
    Random random = new Random(5);
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < DIFFERENT / 4; i++) {
      QueuesUpstreamRequest.Builder batch =
          QueuesUpstreamRequest.newBuilder().setRequestID(id(random));
      for (int j = 0; j < messages; j++) {
        batch.addMessages(grpcQueueMessage(random, channel, bodyBytes));
      }
      requests.add(batch.build().toByteArray());
    }
    return requests;
  }

  static List<byte[]> grpcEvents(String channel, int bodyBytes) {
    Random random = new Random(6);
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      requests.add(
          Event.newBuilder()
              .setEventID(id(random))
              .setClientID("bench")
              .setChannel(channel)
              .setBody(bytes(random, bodyBytes))
              .build()
              .toByteArray());
    }
    return requests;
  }

  static byte[] grpcSubscribe(String channel) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(Subscribe.SubscribeType.Events)
        .setClientID("subscriber")
        .setChannel(channel)
        .build()
        .toByteArray();
  }

  private static QueueMessage grpcQueueMessage(Random random, String channel, int bodyBytes) {
    return QueueMessage.newBuilder()
        .setMessageID(id(random))
        .setClientID("bench")
        .setChannel(channel)
        .setBody(bytes(random, bodyBytes))
        .build();
  }

  private static String id(Random random) {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  private static ByteString bytes(Random random, int bytes) {
    byte[] body = new byte[bytes];
    random.nextBytes(body);
    return ByteString.copyFrom(body);
  }

  static String receive(String channel, int messages) {
    return ("{\"RequestID\":\"r\",\"ClientID\":\"bench\",\"Channel\":\"%s\","
            + "\"MaxNumberOfMessages\":%d,\"WaitTimeSeconds\":1}")
        .formatted(channel, messages);
  }

  private static String queueMessage(Random random, String channel, int bodyBytes) {
    return "{\"Id\":\"\",\"ClientId\":\"bench\",\"Channel\":\"%s\",\"Metadata\":\"\",\"Body\":\"%s\"}"
        .formatted(channel, base64(random, bodyBytes));
  }

  private static String event(Random random, String channel, int bodyBytes) {
    return "{\"EventID\":\"\",\"ClientID\":\"bench\",\"Channel\":\"%s\",\"Metadata\":\"\",\"Body\":\"%s\",\"Store\":false}"
        .formatted(channel, base64(random, bodyBytes));
  }

  private static String base64(Random random, int bytes) {
    byte[] body = new byte[bytes];
    random.nextBytes(body);
    return Base64.getEncoder().encodeToString(body);
  }
}
