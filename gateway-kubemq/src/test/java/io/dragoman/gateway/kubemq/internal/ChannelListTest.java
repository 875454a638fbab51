// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Lists of channels are made neither by whoever asks nor by the engine. */
final class ChannelListTest {
  private final FakeBroker broker = new FakeBroker();
  private final TestLane background = new TestLane();
  private final ChannelList list = new ChannelList(broker, background::execute);

  private CompletableFuture<Result<byte[]>> ask() {
    return list.json(ChannelType.QUEUES, "").toCompletableFuture();
  }

  private void make(int queues) {
    for (int i = 0; i < queues; i++) {
      String name = "q%05d".formatted(i);
      broker.queues.infos.put(name, new QueueInfo(name, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0));
    }
  }

  private static String text(CompletableFuture<Result<byte[]>> asked) {
    return new String(asked.join().orThrow(), UTF_8);
  }

  private static ErrorCode error(CompletableFuture<Result<byte[]>> asked) {
    return ((Result.Refused<byte[]>) asked.join()).error().code();
  }

  @Test
  void shouldMakeListsInTheBackground() {
    // given
    make(2);
    broker.queues.infosWait = true;

    // when somebody asks, then nothing is listed on that thread
    CompletableFuture<Result<byte[]>> asked = ask();
    assertThat(broker.overviews).isZero();
    background.runTasks();
    assertThat(broker.queues.infosAsked).hasSize(2);

    // and when the engine has told all, nothing is made of it on its thread
    broker.queues.answerInfos();
    assertThat(asked).isNotDone();
    background.runTasks();
    assertThat(text(asked)).contains("\"q00000\"", "\"q00001\"");
  }

  @Test
  void shouldAskForSomeAtATime() {
    // given
    make(2500);
    broker.queues.infosWait = true;

    // when
    CompletableFuture<Result<byte[]>> asked = ask();
    List<Integer> askedAtOnce = new ArrayList<>();
    for (background.runTasks(); !asked.isDone(); background.runTasks()) {
      askedAtOnce.add(broker.queues.infosAsked.size());
      broker.queues.answerInfos();
    }

    // then
    assertThat(askedAtOnce).containsExactly(1000, 1000, 500);
    assertThat(text(asked).split("\"name\"", -1)).hasSize(1 + 2500);
  }

  @Test
  void shouldLeaveOutOnlyWhatWasDeletedMeanwhile() {
    // given
    make(2);
    broker.queues.infosWait = true;
    CompletableFuture<Result<byte[]>> asked = ask();
    background.runTasks();
    broker.queues.infos.remove("q00000");
    broker.queues.answerInfos();
    background.runTasks();
    assertThat(text(asked)).contains("\"q00001\"").doesNotContain("\"q00000\"");

    // when
    broker.queues.infosWait = false;
    broker.queues.infoError = ErrorCode.STORAGE_FAILED;
    CompletableFuture<Result<byte[]>> refused = ask();
    background.runTasks();

    // then
    assertThat(error(refused)).isEqualTo(ErrorCode.STORAGE_FAILED);
  }

  @Test
  void shouldRefuseWhenTooManyListsAreMade() {
    // given
    make(1);
    List<CompletableFuture<Result<byte[]>>> many = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      many.add(ask());
    }

    // when, then
    assertThat(error(ask())).isEqualTo(ErrorCode.OVERLOADED);

    // and when they are made there is room again
    background.runTasks();
    assertThat(many).allMatch(CompletableFuture::isDone);
    CompletableFuture<Result<byte[]>> later = ask();
    background.runTasks();
    assertThat(text(later)).contains("\"q00000\"");
  }
}
