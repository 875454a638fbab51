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
 * its own, and so is what comes between two of them.
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
    int visitsLeft = Routing.BATCH_VISITS_MAX;
    for (QueueSend each : batch.messages()) {
      RoutedSend routed = context.routing().ofBatch(caller, each, visitsLeft);
      if (routed == null) {
        items.add(plain(caller, each));
      } else {
        visitsLeft -= routed.visits();
        items.add(new Item(each, routed, routed.error()));
      }
    }
  }

  private static Item plain(Caller caller, QueueSend asked) {
    KubemqError error = caller.queueMessage(asked);
    return new Item(asked, null, error == null ? "" : error.text());
  }

  /** What it takes while it is on its way, roughly, in bytes. */
  long weight() {
    long weight = 0;
    for (Item each : items) {
      weight += each.routed == null ? each.asked.message().weight() : each.routed.weight();
    }
    return weight;
  }

  /**
   * Sends, in the order of the batch, which therefore is the order in each queue. Gives the
   * outcomes of those messages that are without errors, in order.
   */
  CompletionStage<List<Result<SendReceipt>>> start() {
    List<CompletionStage<List<Result<SendReceipt>>>> steps = null;
    List<QueueSend> together = new ArrayList<>(items.size());
    for (Item each : items) {
      RoutedSend routed = each.routed;
      if (each.good() && routed == null) {
        together.add(context.queueRules().send(each.asked));
      } else if (each.good() && routed != null) {
        steps = steps == null ? new ArrayList<>() : steps;
        if (!together.isEmpty()) {
          steps.add(context.broker().queues().send(together));
          together = new ArrayList<>();
        }
        steps.add(routed.start().thenApply(routed::receipt).thenApply(List::of));
      }
    }
    CompletionStage<List<Result<SendReceipt>>> last =
        together.isEmpty()
            ? CompletableFuture.completedFuture(List.of())
            : context.broker().queues().send(together);
    return steps == null ? last : inOrder(steps, last);
  }

  private CompletionStage<List<Result<SendReceipt>>> inOrder(
      List<CompletionStage<List<Result<SendReceipt>>>> steps,
      CompletionStage<List<Result<SendReceipt>>> last) {
    CompletionStage<List<Result<SendReceipt>>> all =
        CompletableFuture.completedFuture(new ArrayList<>(items.size()));
    for (CompletionStage<List<Result<SendReceipt>>> step : steps) {
      all = all.thenCombine(step, BatchSend::added);
    }
    return all.thenCombine(last, BatchSend::added);
  }

  private static List<Result<SendReceipt>> added(
      List<Result<SendReceipt>> before, List<Result<SendReceipt>> step) {
    before.addAll(step);
    return before;
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
