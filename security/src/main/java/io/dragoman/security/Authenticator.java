// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.security.Authentication.Accepted;
import io.dragoman.security.Authentication.Refused;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets people in by their tokens, or everybody when none are required. Safe from any thread; never
 * blocks, so it may be asked on event loops. A token that was seen before costs one hash.
 *
 * <p>Times are compared with the wall clock of the machine, as it is, without leeway: a token holds
 * from its {@code nbf} on and until just before its {@code exp}.
 */
public final class Authenticator implements AutoCloseable {
  /** A token that is larger than any proxy lets a header be is not looked at. */
  static final int TOKEN_LENGTH_MAX = 16 << 10;

  private static final int CACHE_GENERATION = 10_000;
  private static final long TICK_MILLIS = 250;
  private static final String SCHEME = "Bearer";
  private static final Authentication EVERYBODY = new Accepted(Principal.ANYONE);

  private final @Nullable Verifying verifying;

  private Authenticator(@Nullable Verifying verifying) {
    this.verifying = verifying;
  }

  /** Lets everybody in, and does not look at tokens. */
  public static Authenticator open() {
    return new Authenticator(null);
  }

  /**
   * Requires tokens. Blocks until the keys have been read; those behind a URL may come later, and
   * until then no token is accepted.
   *
   * @throws IOException if there is no key, or one that cannot be used; the message says why
   */
  public static Authenticator requiring(AuthOptions options, Metrics metrics) throws IOException {
    return requiring(options, metrics, () -> System.currentTimeMillis() / 1000);
  }

  /**
   * @param nowSeconds Unix time by the wall clock
   */
  static Authenticator requiring(AuthOptions options, Metrics metrics, LongSupplier nowSeconds)
      throws IOException {
    if (options.secret().filter(secret -> !secret.isEmpty()).isEmpty()
        && options.keys().isEmpty()) {
      throw new IOException("there is no key to verify tokens with");
    }
    // Keys may take long to come, and nobody's token may hold a moment longer for that.
    ScheduledExecutorService ticking = thread("dragoman-tokens");
    ScheduledExecutorService reading = thread("dragoman-token-keys");
    boolean done = false;
    try {
      Authenticator made =
          new Authenticator(new Verifying(options, metrics, nowSeconds, ticking, reading));
      done = true;
      return made;
    } finally {
      if (!done) {
        ticking.shutdownNow();
        reading.shutdownNow();
      }
    }
  }

  /** What it is asked for after its end is of no use any more. */
  private static ScheduledExecutorService thread(String name) {
    return new ScheduledThreadPoolExecutor(
        1,
        task -> {
          Thread made = new Thread(task, name);
          made.setDaemon(true);
          return made;
        },
        new ThreadPoolExecutor.DiscardPolicy());
  }

  /** Whether tokens are required. */
  public boolean isRequired() {
    return verifying != null;
  }

  /**
   * Verifies a token.
   *
   * @param credentials the token, or {@code Bearer} and the token, as a header has it; null or
   *     empty: none was sent
   */
  public Authentication authenticate(@Nullable String credentials) {
    return verifying == null ? EVERYBODY : verifying.authenticate(credentials, false);
  }

  /**
   * The same for a dialect whose tokens must say which topics they open (spec: eventhub §5): one
   * that opens none is refused.
   */
  public Authentication authenticateForTopics(@Nullable String credentials) {
    return verifying == null ? EVERYBODY : verifying.authenticate(credentials, true);
  }

  /**
   * Whether somebody who was let in may see and change what belongs to everybody. Never one whose
   * token is limited to topics; where administrators are named, nobody else.
   */
  public boolean mayAdminister(Principal principal) {
    return verifying == null
        || !principal.isLimited()
            && verifying
                .administrators
                .map(subjects -> subjects.contains(principal.subject()))
                .orElse(true);
  }

  /**
   * Runs the task on the lane when this principal's token expires, within a second after that. For
   * connections, which outlive the moment when they were let in.
   */
  public Watch watch(Principal principal, Lane lane, Runnable end) {
    return verifying == null || principal.expiresAtSeconds() == Principal.NEVER
        ? Watch.NONE
        : verifying.watch(principal, lane, end);
  }

  @Override
  public void close() {
    if (verifying != null) {
      verifying.close();
    }
  }

  /** The token without the scheme, whose name ignores case. */
  private static String token(@Nullable String credentials) {
    String text = credentials == null ? "" : credentials.strip();
    int length = SCHEME.length();
    boolean scheme =
        text.regionMatches(true, 0, SCHEME, 0, length)
            && (text.length() == length || Character.isWhitespace(text.charAt(length)));
    return scheme ? text.substring(length).strip() : text;
  }

  /** What is there when tokens are required. */
  private static final class Verifying {
    private final ScheduledExecutorService ticking;
    private final ScheduledExecutorService reading;
    private final Optional<Set<String>> administrators;
    private final KeyRing ring;
    private final TokenVerifier verifier;
    private final TokenCache cache = new TokenCache(CACHE_GENERATION);
    private final Expirations expirations;
    private final LongSupplier nowSeconds;
    private final Metrics metrics;
    private final Metrics.Counter expired;

    Verifying(
        AuthOptions options,
        Metrics metrics,
        LongSupplier nowSeconds,
        ScheduledExecutorService ticking,
        ScheduledExecutorService reading)
        throws IOException {
      this.ticking = ticking;
      this.reading = reading;
      this.nowSeconds = nowSeconds;
      this.administrators = options.administrators();
      this.ring = new KeyRing(options, reading, metrics);
      this.verifier = new TokenVerifier(ring, options.algorithms());
      this.expirations = new Expirations(nowSeconds);
      this.metrics = metrics;
      for (Refusal each : Refusal.values()) {
        counter(each);
      }
      this.expired =
          metrics.counter(
              "dragoman_tokens_expired_total",
              "Connections and streams ended because their token had expired");
      metrics.gauge(
          "dragoman_token_cache_entries", "Verified tokens that are remembered", cache::size);
      var unused =
          ticking.scheduleWithFixedDelay(
              expirations::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void close() {
      ticking.shutdownNow();
      reading.shutdownNow();
    }

    private Metrics.Counter counter(Refusal reason) {
      return metrics.counter(
          "dragoman_tokens_refused_total",
          "Requests and connections refused for their token",
          "reason",
          reason.name().toLowerCase(Locale.ROOT));
    }

    Authentication authenticate(@Nullable String credentials, boolean forTopics) {
      Authentication outcome = verify(token(credentials));
      if (outcome instanceof Accepted accepted) {
        outcome = timely(accepted, forTopics);
      }
      if (outcome instanceof Refused no) {
        counter(no.reason()).increment();
      }
      return outcome;
    }

    private Authentication verify(String token) {
      if (token.isEmpty()) {
        return new Refused(Refusal.NO_TOKEN);
      }
      if (token.length() > TOKEN_LENGTH_MAX) {
        return new Refused(Refusal.MALFORMED);
      }
      int version = ring.version();
      TokenCache.Key key = TokenCache.key(token);
      Principal known = cache.find(key, version);
      if (known != null) {
        return new Accepted(known);
      }
      Authentication outcome = verifier.verify(token);
      if (outcome instanceof Accepted accepted) {
        cache.put(key, accepted.principal(), version);
      }
      return outcome;
    }

    private Authentication timely(Accepted accepted, boolean forTopics) {
      Principal principal = accepted.principal();
      long now = nowSeconds.getAsLong();
      if (principal.isExpired(now)) {
        return new Refused(Refusal.EXPIRED);
      }
      if (principal.isTooEarly(now)) {
        return new Refused(Refusal.NOT_YET_VALID);
      }
      return forTopics && !principal.namesTopics() ? new Refused(Refusal.NO_TOPICS) : accepted;
    }

    Watch watch(Principal principal, Lane lane, Runnable end) {
      return expirations.add(
          principal.expiresAtSeconds(),
          lane,
          () -> {
            expired.increment();
            end.run();
          });
    }
  }
}
