// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sends the messages of a batch that pass the checks, together, and puts what became of them and
 * the errors of the others in the order of the batch. A message to several channels is a step of
 * its own.
 */
final class BatchSend {

  /** One message and what is known of it: its route, if it has one, and what is wrong with it. */
  private record Item(QueueSend asked, @Nullable RoutedSend routed, String error) {
    boolean good() {
      return error.isEmpty();
    }
  }

  private final GatewayContext context;
  private final List<Item> items;

  BatchSend(GatewayContext context, Caller caller, Inputs.Batch batch) {
    this.context = context;
    this.items = new ArrayList<>(batch.messages().size());
    for (QueueSend each : batch.messages()) {
      items.add(item(context, caller, each));
    }
  }

  private static Item item(GatewayContext context, Caller caller, QueueSend asked) {
    RoutedSend routed = context.routing().queueMessage(caller, asked);
    if (routed != null) {
      return new Item(asked, routed, routed.error());
    }
    KubemqError error = caller.queueMessage(asked);
    return new Item(asked, null, error == null ? "" : error.text());
  }

  /** Sends. Gives the outcomes of those messages that are without errors, in order. */
  CompletionStage<List<Result<SendReceipt>>> start() {
    List<QueueSend> good = new ArrayList<>(items.size());
    boolean anyRouted = false;
    for (Item each : items) {
      if (each.good() && each.routed == null) {
        good.add(context.queueRules().send(each.asked));
      }
      anyRouted |= each.routed != null;
    }
    CompletionStage<List<Result<SendReceipt>>> together =
        good.isEmpty()
            ? CompletableFuture.completedFuture(List.of())
            : context.broker().queues().send(good);
    return anyRouted ? withRouted(together) : together;
  }

  private CompletionStage<List<Result<SendReceipt>>> withRouted(
      CompletionStage<List<Result<SendReceipt>>> together) {
    List<CompletableFuture<Result<SendReceipt>>> routed = new ArrayList<>();
    CompletionStage<?> all = together;
    for (Item each : items) {
      RoutedSend route = each.routed;
      if (each.good() && route != null) {
        CompletableFuture<Result<SendReceipt>> one =
            route.start().thenApply(route::receipt).toCompletableFuture();
        routed.add(one);
        all = all.thenCombine(one, (before, now) -> now);
      }
    }
    return all.thenCombine(together, (last, outcomes) -> merged(outcomes, routed));
  }

  private List<Result<SendReceipt>> merged(
      List<Result<SendReceipt>> together, List<CompletableFuture<Result<SendReceipt>>> routed) {
    List<Result<SendReceipt>> merged = new ArrayList<>(items.size());
    int own = 0;
    int routes = 0;
    for (Item each : items) {
      if (each.good()) {
        merged.add(
            each.routed == null
                ? QueueRules.outcome(together, own++)
                : routed.get(routes++).join());
      }
    }
    return merged;
  }

  /** One result per message of the batch, given the outcomes of those that were sent. */
  List<SendResult> results(List<Result<SendReceipt>> outcomes) {
    List<SendResult> results = new ArrayList<>(items.size());
    int sent = 0;
    for (Item each : items) {
      results.add(
          each.good()
              ? QueueRules.result(each.asked, QueueRules.outcome(outcomes, sent++))
              : SendResult.failed(each.asked.message().id(), each.error));
    }
    return results;
  }

  /** Counts what became of each message. */
  void count(InterfaceStats stats, List<SendResult> results) {
    for (int i = 0; i < items.size(); i++) {
      boolean accepted = !results.get(i).isError();
      Item item = items.get(i);
      if (item.routed != null) {
        item.routed.count(stats, accepted);
      } else {
        stats.settled(Kind.QUEUE, item.asked.message(), accepted);
      }
    }
  }
}
