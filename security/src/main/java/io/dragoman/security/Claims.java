// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

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
        read.seconds("nbf", Long.MIN_VALUE),
        read.seconds("exp", Principal.NEVER),
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

  /** A date may have fractions (RFC 7519), which are cut off. */
  private long seconds(String name, long absent) throws BadClaimException {
    if (!claims.containsKey(name)) {
      return absent;
    }
    if (claims.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new BadClaimException();
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
        && interval.longValue() >= 0
        && max.longValue() >= 0) {
      return new RateLimit(topic, interval.longValue(), max.longValue());
    }
    return null;
  }
}
