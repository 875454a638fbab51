// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.ChannelInfo;
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
    CompletionStage<Result<Page<I>>> page =
        name.isEmpty()
            ? then(
                channels.apply(asked.text("contains")),
                all -> of(Page.of(all, ChannelInfo::name, asked.text("after"), max), ask))
            : ofOne(ask.apply(name));
    background.answer(exchange, page, write);
  }

  /** Asks for each channel of a page; one that was deleted meanwhile is left out. */
  private static <I> CompletionStage<Result<Page<I>>> of(
      Page<ChannelInfo> page, Function<String, CompletionStage<Result<I>>> ask) {
    List<CompletableFuture<Result<I>>> stages = new ArrayList<>(page.items().size());
    for (ChannelInfo channel : page.items()) {
      stages.add(ask.apply(channel.name()).toCompletableFuture());
    }
    return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
        .thenApply(done -> Result.ok(new Page<>(present(stages), page.next())));
  }

  /** One channel alone, which must be there. */
  private static <I> CompletionStage<Result<Page<I>>> ofOne(CompletionStage<Result<I>> info) {
    return info.thenApply(result -> result.map(one -> new Page<>(List.of(one), "")));
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

  private static <I> List<I> present(List<CompletableFuture<Result<I>>> stages) {
    List<I> infos = new ArrayList<>(stages.size());
    for (CompletableFuture<Result<I>> stage : stages) {
      if (stage.join() instanceof Result.Ok<I> ok) {
        infos.add(ok.value());
      }
    }
    return infos;
  }
}
