// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A lane that is the test's own thread; tasks come from any and run when the test says so. */
final class TestLane implements Lane {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Whether the test's thread stands for another one. */
  boolean isElsewhere;

  @Override
  public boolean inLane() {
    return !isElsewhere;
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
