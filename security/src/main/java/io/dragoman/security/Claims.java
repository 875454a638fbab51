// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the claims of a verified token (spec: eventhub §5, kubemq §5.3). */
final class Claims {
  private final Map<String, Object> claims;

  private Claims(Map<String, Object> claims) {
    this.claims = claims;
  }

  /** A claim has the wrong type. */
  static final class BadClaimException extends Exception {
    private static final long serialVersionUID = 1L;

    BadClaimException() {
      super("a claim has the wrong type", null, false, false);
    }
  }

  /** What the claims say; those that are not ours are ignored. */
  static Principal principal(Map<String, Object> claims) throws BadClaimException {
    Claims read = new Claims(claims);
    return new Principal(
        read.subject(),
        read.seconds("nbf", Long.MIN_VALUE, true),
        read.seconds("exp", Principal.NEVER, false),
        read.rules("read"),
        read.rules("write"),
        read.rateLimits());
  }

  private String subject() throws BadClaimException {
    Object value = claims.get("sub");
    if (value == null && !claims.containsKey("sub")) {
      return "";
    }
    if (value instanceof String text) {
      return text;
    }
    throw new BadClaimException();
  }

  /** A date may have fractions (RFC 7519). */
  private long seconds(String name, long absent, boolean up) throws BadClaimException {
    if (!claims.containsKey(name)) {
      return absent;
    }
    if (claims.get(name) instanceof Number number) {
      return whole(number, up);
    }
    throw new BadClaimException();
  }

  /** The nearest whole number in this direction; the first or last of 64 bits beyond them. */
  private static long whole(Number number, boolean up) {
    if (number instanceof BigInteger large) {
      long end = large.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
      return large.bitLength() < Long.SIZE ? large.longValue() : end;
    }
    if (number instanceof Long || number instanceof Integer) {
      return number.longValue();
    }
    double exact = number.doubleValue();
    return (long) (up ? Math.ceil(exact) : Math.floor(exact));
  }

  private @Nullable TopicRules rules(String name) throws BadClaimException {
    if (!claims.containsKey(name)) {
      return null;
    }
    if (!(claims.get(name) instanceof List<?> list)) {
      throw new BadClaimException();
    }
    List<String> entries = new ArrayList<>(list.size());
    for (Object each : list) {
      if (!(each instanceof String text)) {
        throw new BadClaimException();
      }
      entries.add(text);
    }
    return TopicRules.of(entries);
  }

  /** Entries that say nothing sensible are left out: a slip in one must not cost the others. */
  private List<RateLimit> rateLimits() {
    List<RateLimit> limits = new ArrayList<>();
    if (claims.get("rlimit") instanceof List<?> list) {
      for (Object each : list) {
        RateLimit limit = each instanceof Map<?, ?> entry ? rateLimit(entry) : null;
        if (limit != null) {
          limits.add(limit);
        }
      }
    }
    return limits;
  }

  private static @Nullable RateLimit rateLimit(Map<?, ?> entry) {
    if (entry.get("topic") instanceof String topic
        && (Topics.isTopic(topic) || Topics.isFilter(topic))
        && entry.get("interval") instanceof Number interval
        && entry.get("max") instanceof Number max
        && interval.doubleValue() >= 0
        && max.doubleValue() >= 0) {
      // Up, since 0 would be without limit.
      return new RateLimit(topic, whole(interval, true), whole(max, true));
    }
    return null;
  }
}
