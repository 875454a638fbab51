// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who was let in: what their token says of them. Immutable.
 *
 * <p>A token with topic rules is limited to them, in every protocol; one without may do whatever
 * the access policy does not forbid.
 */
public final class Principal {
  /** {@link #expiresAtSeconds} of those who may stay. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Who comes while no tokens are required. */
  public static final Principal ANYONE =
      new Principal("", Long.MIN_VALUE, NEVER, null, null, List.of());

  private final String subject;
  private final long validFromSeconds;
  private final long expiresAtSeconds;
  private final @Nullable TopicRules read;
  private final @Nullable TopicRules write;
  private final List<RateLimit> rateLimits;

  /**
   * @param read null: there was no such claim
   * @param write likewise
   */
  Principal(
      String subject,
      long validFromSeconds,
      long expiresAtSeconds,
      @Nullable TopicRules read,
      @Nullable TopicRules write,
      List<RateLimit> rateLimits) {
    this.subject = subject;
    this.validFromSeconds = validFromSeconds;
    this.expiresAtSeconds = expiresAtSeconds;
    this.read = read;
    this.write = write;
    this.rateLimits = List.copyOf(rateLimits);
  }

  /** The claim {@code sub}; empty if there is none. */
  public String subject() {
    return subject;
  }

  /** Unix time in seconds from which on the token does not hold, or {@link #NEVER}. */
  public long expiresAtSeconds() {
    return expiresAtSeconds;
  }

  boolean isTooEarly(long nowSeconds) {
    return nowSeconds < validFromSeconds;
  }

  boolean isExpired(long nowSeconds) {
    return nowSeconds >= expiresAtSeconds;
  }

  /** Whether there are topic rules, and they leave something out. */
  public boolean isLimited() {
    return (read != null || write != null) && !(read().isAll() && write().isAll());
  }

  /** What may be read; all if there are no topic rules. */
  public TopicRules read() {
    return rules(read, write);
  }

  /** What may be written; all if there are no topic rules. */
  public TopicRules write() {
    return rules(write, read);
  }

  private static TopicRules rules(@Nullable TopicRules own, @Nullable TopicRules other) {
    if (own != null) {
      return own;
    }
    return other == null ? TopicRules.ALL : TopicRules.NONE;
  }

  /** Whether the token itself opens at least one topic. */
  boolean namesTopics() {
    return read != null && !read.isEmpty() || write != null && !write.isEmpty();
  }

  /**
   * The limit for publishing to a topic: the entry of exactly this topic, else the longest one that
   * matches it; null if there is none, or nobody to count for (spec: eventhub §5).
   */
  @Nullable RateLimit rateLimit(String topic) {
    if (rateLimits.isEmpty() || subject.isEmpty()) {
      return null;
    }
    RateLimit best = null;
    for (RateLimit each : rateLimits) {
      if (each.topic().equals(topic)) {
        return each;
      }
      if (Topics.matches(each.topic(), topic)
          && (best == null || each.topic().length() > best.topic().length())) {
        best = each;
      }
    }
    return best;
  }

  /** Without the subject, which may be personal. */
  @Override
  public String toString() {
    return "Principal[read=" + read() + ", write=" + write() + "]";
  }
}
