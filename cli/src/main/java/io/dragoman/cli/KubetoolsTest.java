// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Target;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.EventsStoreType;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * {@code kubetools test}: ten producers and ten consumers, one message of 100 bytes each, by
 * events, events store, commands and queries, over gRPC and REST. Everything must arrive within 30
 * s.
 */
final class KubetoolsTest {
  private static final int PRODUCERS = 10;
  private static final int CONSUMERS = 10;
  private static final ByteString BODY = ByteString.copyFromUtf8("x".repeat(100));
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration READY = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Console console;
  private final Function<Boolean, Target> targets;

  KubetoolsTest(Console console, Function<Boolean, Target> targets) {
    this.console = console;
    this.targets = targets;
  }

  void run() throws InterruptedException {
    boolean good = true;
    for (boolean rest : new boolean[] {false, true}) {
      for (SubscribeType type :
          List.of(
              SubscribeType.Events,
              SubscribeType.EventsStore,
              SubscribeType.Commands,
              SubscribeType.Queries)) {
        good &= run(rest, type);
      }
    }
    if (!good) {
      throw CliException.failed("not everything arrived");
    }
  }

  private boolean run(boolean rest, SubscribeType type) throws InterruptedException {
    boolean events = type == SubscribeType.Events || type == SubscribeType.EventsStore;
    Target target = targets.apply(rest);
    long began = System.nanoTime();
    long expected = events ? (long) PRODUCERS * CONSUMERS : PRODUCERS;
    long arrived;
    try (Broker broker = Broker.of(target)) {
      String channel = "kubetools.test." + UUID.randomUUID();
      arrived = events ? events(broker, type, channel) : requests(broker, type, channel);
    }
    long millis = (System.nanoTime() - began) / 1_000_000;
    console.println(
        "%s over %s: %s, %d of %d in %d ms"
            .formatted(
                type,
                rest ? "rest" : "grpc",
                arrived == expected ? "passed" : "failed",
                arrived,
                expected,
                millis));
    console.flush();
    return arrived == expected;
  }

  private static Subscribe subscription(SubscribeType type, String channel, int consumer) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(type)
        .setClientID("kubetools-test-" + consumer)
        .setChannel(channel)
        .setEventsStoreTypeData(
            type == SubscribeType.EventsStore
                ? EventsStoreType.StartNewOnly
                : EventsStoreType.EventsStoreTypeUndefined)
        .build();
  }

  private static long events(Broker broker, SubscribeType type, String channel)
      throws InterruptedException {
    List<Exchange<Subscribe, EventReceive>> consumers = new ArrayList<>();
    try {
      for (int i = 0; i < CONSUMERS; i++) {
        Exchange<Subscribe, EventReceive> consumer =
            broker.subscribeToEvents(subscription(type, channel, i));
        consumers.add(consumer);
        consumer.awaitReady(READY);
      }
      for (int i = 0; i < PRODUCERS; i++) {
        broker.send(
            Event.newBuilder()
                .setClientID("kubetools-test-producer-" + i)
                .setChannel(channel)
                .setBody(BODY)
                .setStore(type == SubscribeType.EventsStore)
                .build());
      }
      long arrived = 0;
      long deadline = System.nanoTime() + LIMIT.toNanos();
      for (Exchange<Subscribe, EventReceive> consumer : consumers) {
        int mine = 0;
        while (mine < PRODUCERS && System.nanoTime() < deadline) {
          mine += consumer.next(POLL) == null ? 0 : 1;
        }
        arrived += mine;
      }
      return arrived;
    } finally {
      consumers.forEach(Exchange::close);
    }
  }

  /** Every request is shown to all consumers; the first answer counts. */
  private static long requests(Broker broker, SubscribeType type, String channel)
      throws InterruptedException {
    List<Exchange<Subscribe, Request>> consumers = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int i = 0; i < CONSUMERS; i++) {
        Exchange<Subscribe, Request> consumer =
            broker.subscribeToRequests(subscription(type, channel, i));
        consumers.add(consumer);
        consumer.awaitReady(READY);
        threads.execute(() -> answer(broker, consumer));
      }
      long answered = 0;
      for (int i = 0; i < PRODUCERS; i++) {
        Response response =
            broker.request(
                Request.newBuilder()
                    .setRequestTypeData(
                        type == SubscribeType.Queries ? RequestType.Query : RequestType.Command)
                    .setClientID("kubetools-test-producer-" + i)
                    .setChannel(channel)
                    .setBody(BODY)
                    .setTimeout((int) LIMIT.toMillis())
                    .build());
        answered += response.getExecuted() ? 1 : 0;
      }
      return answered;
    } finally {
      threads.shutdownNow();
      consumers.forEach(Exchange::close);
    }
  }

  private static void answer(Broker broker, Exchange<Subscribe, Request> consumer) {
    try {
      while (!consumer.ended()) {
        Request request = consumer.next(POLL);
        if (request != null) {
          broker.respond(
              Response.newBuilder()
                  .setClientID("kubetools-test")
                  .setRequestID(request.getRequestID())
                  .setReplyChannel(request.getReplyChannel())
                  .setExecuted(true)
                  .setBody(request.getBody())
                  .build());
        }
      }
    } catch (InterruptedException | CliException e) {
      // The test is over.
    }
  }
}
