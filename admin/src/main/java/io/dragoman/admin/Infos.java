// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** The figures of several stored channels. */
final class Infos {

  private Infos() {}

  /**
   * Answers with the page of stored channels that was asked for, or with the one that was named,
   * which must be there.
   */
  static <I> void answer(
      HttpExchange exchange,
      Background background,
      Function<String, CompletionStage<Result<List<ChannelInfo>>>> channels,
      Function<String, CompletionStage<Result<I>>> ask,
      Consumer<Page<I>> write)
      throws BadParameterException {
    Parameters asked = Parameters.of(exchange, "name", "contains", "after", "max");
    int max = asked.max();
    String name = asked.text("name");
    if (!name.isEmpty()) {
      background.answer(
          exchange, ask.apply(name), info -> write.accept(new Page<>(List.of(info), "")));
      return;
    }
    String containing = asked.text("contains");
    String after = asked.text("after");
    background.answer(
        exchange,
        () ->
            then(
                channels.apply(containing),
                all -> of(Page.of(all, ChannelInfo::name, after, max), ask)),
        page -> answer(exchange, page, write));
  }

  /** Asks for each channel of a page; all that is asked has been answered then. */
  private static <I> CompletionStage<Result<Page<CompletableFuture<Result<I>>>>> of(
      Page<ChannelInfo> page, Function<String, CompletionStage<Result<I>>> ask) {
    List<CompletableFuture<Result<I>>> infos = new ArrayList<>(page.items().size());
    for (ChannelInfo channel : page.items()) {
      infos.add(ask.apply(channel.name()).toCompletableFuture());
    }
    return CompletableFuture.allOf(infos.toArray(CompletableFuture[]::new))
        .thenApply(done -> Result.ok(new Page<>(infos, page.next())));
  }

  /**
   * What was deleted meanwhile is left out. Any other refusal is the answer: a list without saying
   * so would look complete.
   */
  private static <I> void answer(
      HttpExchange exchange, Page<CompletableFuture<Result<I>>> page, Consumer<Page<I>> write) {
    List<I> present = new ArrayList<>(page.items().size());
    for (CompletableFuture<Result<I>> each : page.items()) {
      Result<I> info = each.join();
      if (info instanceof Result.Ok<I> ok) {
        present.add(ok.value());
      } else if (info instanceof Result.Refused<I> refused
          && refused.error().code().category() != ErrorCode.Category.NOT_FOUND) {
        Answers.refusal(exchange, refused.error());
        return;
      }
    }
    write.accept(new Page<>(present, page.next()));
  }

  /** Goes on with the value, or stays refused. */
  static <A, B> CompletionStage<Result<B>> then(
      CompletionStage<Result<A>> stage, Function<A, CompletionStage<Result<B>>> next) {
    return stage.thenCompose(
        result -> {
          if (result instanceof Result.Ok<A> ok) {
            return next.apply(ok.value());
          }
          return CompletableFuture.completedFuture(
              Result.refused(((Result.Refused<A>) result).error()));
        });
  }
}
