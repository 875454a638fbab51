// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.security.TextReloader;
import io.dragoman.security.TextSource;
import io.dragoman.security.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The accounts that hold at the moment: those of the configuration, or those of a file, which is
 * read again from time to time (spec: connmix §2.8). Safe from any thread.
 */
public final class ConnmixAccounts implements AutoCloseable {
  private final boolean asked;
  private final TextReloader reloader;
  private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
  private volatile List<ConnmixAccount> accounts = List.of();

  private ConnmixAccounts(
      boolean asked,
      TextSource source,
      Duration reload,
      Function<String, List<ConnmixAccount>> reader,
      Metrics metrics)
      throws IOException {
    this.asked = asked;
    Metrics.Counter failures =
        metrics.counter(
            "dragoman_connmix_accounts_reload_failed_total",
            "Times when the file of accounts could not be read again, and they stayed as they"
                + " were");
    metrics.gauge("dragoman_connmix_accounts", "Accounts of backends", () -> accounts.size());
    reloader =
        TextReloader.start(
            "The list of accounts", source, reload, text -> take(reader.apply(text)), failures);
  }

  /** Accounts that stay as they are; without any nobody is asked for one. */
  public static ConnmixAccounts of(List<ConnmixAccount> accounts, Metrics metrics) {
    try {
      return new ConnmixAccounts(
          !accounts.isEmpty(), () -> "", Duration.ZERO, text -> accounts, metrics);
    } catch (IOException e) {
      throw new IllegalStateException("nothing is read", e);
    }
  }

  /**
   * Accounts in a file. Everybody is asked for one, also while there is none.
   *
   * @param reload how often it is read again; zero never
   * @param reader gives the accounts in a text, or throws {@link IllegalArgumentException}, whose
   *     message says why it cannot
   * @throws IOException if it cannot be read or used; the message says why
   */
  public static ConnmixAccounts file(
      Path file, Duration reload, Function<String, List<ConnmixAccount>> reader, Metrics metrics)
      throws IOException {
    return new ConnmixAccounts(true, TextSource.file(file), reload, reader, metrics);
  }

  /** One who came in by accounts, and stays only while all of them are as they were. */
  private final class Session implements Watch {
    private final List<ConnmixAccount> used;
    private final Lane lane;
    private final Runnable end;

    Session(List<ConnmixAccount> used, Lane lane, Runnable end) {
      this.used = used;
      this.lane = lane;
      this.end = end;
    }

    void look() {
      if (!accounts.containsAll(used) && sessions.remove(this)) {
        lane.execute(end);
      }
    }

    @Override
    public void cancel() {
      sessions.remove(this);
    }
  }

  private void take(List<ConnmixAccount> read) {
    accounts = List.copyOf(read);
    sessions.forEach(Session::look);
  }

  /** Whether who has no token needs an account. */
  public boolean areAsked() {
    return asked;
  }

  /** Those that hold now. */
  public List<ConnmixAccount> list() {
    return accounts;
  }

  /** Runs the task on the lane when one of these accounts is gone, or not as it was. */
  public Watch watch(List<ConnmixAccount> used, Lane lane, Runnable end) {
    if (used.isEmpty()) {
      return Watch.NONE;
    }
    Session session = new Session(used, lane, end);
    sessions.add(session);
    // They may have changed since they were asked for.
    session.look();
    return session;
  }

  /** Reads no more. */
  @Override
  public void close() {
    reloader.close();
  }
}
