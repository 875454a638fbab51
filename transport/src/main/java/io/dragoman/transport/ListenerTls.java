// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Metrics;
import io.dragoman.transport.internal.KeyPairFiles;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a listener proves with who it is: TLS 1.2 and 1.3 with a certificate from files, which are
 * looked at again from time to time. New connections get what was found last; what cannot be read
 * or used leaves it as it was. Safe from any thread.
 */
public final class ListenerTls implements Supplier<SslContext>, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("dragoman.transport.listeners");

  private final String listener;
  private final KeyPairFiles files;
  private final Metrics.Counter failures;
  private volatile SslContext context;
  private @Nullable ScheduledExecutorService reloading;

  /** Of the last look, if it failed: the same is not logged again and again. */
  private @Nullable String fault;

  private ListenerTls(String listener, KeyPairFiles files, SslContext context, Metrics metrics) {
    this.listener = listener;
    this.files = files;
    this.context = context;
    this.failures =
        metrics.counter(
            TransportMetrics.TLS_RELOAD_FAILED_TOTAL, TransportMetrics.TLS_RELOAD_FAILED_HELP);
  }

  /**
   * Reads the files.
   *
   * @param listener its name in logs
   * @throws IOException if they cannot be read or used; the message names the key of the
   *     configuration that has to change, {@code tls.certificate} for instance, and says why
   */
  public static ListenerTls open(String listener, TlsFiles wanted, Metrics metrics)
      throws IOException {
    KeyPairFiles files = new KeyPairFiles(wanted);
    SslContext first = files.read();
    if (first == null) {
      throw new IllegalStateException("nothing was read before");
    }
    ListenerTls tls = new ListenerTls(listener, files, first, metrics);
    if (!wanted.reload().isZero()) {
      tls.reloadEvery(wanted.reload().toNanos());
    }
    return tls;
  }

  private void reloadEvery(long nanos) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "dragoman-tls");
              made.setDaemon(true);
              return made;
            });
    reloading = thread;
    var unused = thread.scheduleWithFixedDelay(this::reload, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void reload() {
    try {
      SslContext changed = files.read();
      if (changed != null) {
        context = changed;
        LOG.info("Listener {} has a new certificate: {}", listener, files.description());
      }
      fault = null;
    } catch (IOException | RuntimeException e) {
      failures.increment();
      String message = String.valueOf(e.getMessage());
      if (!message.equals(fault)) {
        fault = message;
        LOG.warn("The certificate of listener {} stays as it was: {}", listener, message);
      }
    }
  }

  @Override
  public SslContext get() {
    return context;
  }

  /** Looks at the files no more. */
  @Override
  public void close() {
    ScheduledExecutorService thread = reloading;
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
