// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes Ctrl-C (and SIGTERM) end a command in good order instead of ending the JVM. A second one
 * ends the process at once.
 */
public final class Interrupt {
  private static final int SECOND_SIGNAL = 130;

  /**
   * Signals so close together are one: {@code timeout} and others send theirs to the process and to
   * its group, so that it comes twice.
   */
  private static final long SAME_SIGNAL_NANOS = 500_000_000;

  private final @Nullable Thread thread;
  private volatile boolean happened;
  private long happenedAt;
  private boolean finishing;

  private Interrupt(@Nullable Thread thread) {
    this.thread = thread;
  }

  /** Signals interrupt the calling thread from now on. */
  public static Interrupt ofThisThread() {
    return install(new Interrupt(Thread.currentThread()));
  }

  /** Signals are only noted: what is under way is finished. */
  public static Interrupt noted() {
    return install(new Interrupt(null));
  }

  private static Interrupt install(Interrupt interrupt) {
    for (String name : List.of("INT", "TERM")) {
      try {
        interrupt.handle(name);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        // The JVM was told to leave signals alone: Ctrl-C then ends it.
      }
    }
    return interrupt;
  }

  /**
   * By reflection, since the compiler refuses to see this package when it compiles for a release.
   */
  private void handle(String name) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object proxy =
        Proxy.newProxyInstance(
            Interrupt.class.getClassLoader(),
            new Class<?>[] {handler},
            (self, method, arguments) -> {
              if (method.getName().equals("handle")) {
                onSignal();
              }
              return null;
            });
    signal
        .getMethod("handle", signal, handler)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
  }

  private synchronized void onSignal() {
    if (happened) {
      if (System.nanoTime() - happenedAt >= SAME_SIGNAL_NANOS) {
        Runtime.getRuntime().halt(SECOND_SIGNAL);
      }
      return;
    }
    happenedAt = System.nanoTime();
    happened = true;
    if (thread != null && !finishing) {
      thread.interrupt();
    }
  }

  /** Does something that is better finished: a signal interrupts its thread only after it. */
  public void finish(Runnable work) {
    setFinishing(true);
    // One that came just before would cut it short all the same.
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      setFinishing(false);
    }
  }

  private synchronized void setFinishing(boolean on) {
    finishing = on;
    if (!on && happened && thread != null) {
      thread.interrupt();
    }
  }

  /** Whether a signal came. */
  public boolean happened() {
    return happened;
  }
}
