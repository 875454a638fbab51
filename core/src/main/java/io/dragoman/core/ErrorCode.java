// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * The closed set of reasons for which the core refuses. Gateways translate them to their dialect,
 * each in exactly one class; see {@code docs/errors.md}.
 */
public enum ErrorCode {
  /** A channel, group or queue name that cannot be used. */
  INVALID_NAME(Category.INVALID, false),
  /** An argument outside its range. */
  INVALID_ARGUMENT(Category.INVALID, false),
  /** A message over the configured size. */
  TOO_LARGE(Category.LIMIT, false),
  /** The channel holds as much as it may. */
  CHANNEL_FULL(Category.LIMIT, true),
  /** The node holds as many channels as it may. */
  TOO_MANY_CHANNELS(Category.LIMIT, false),
  /** The node or channel has as many subscriptions as it may. */
  TOO_MANY_SUBSCRIPTIONS(Category.LIMIT, false),
  /** The node holds as many keys as it may. */
  TOO_MANY_KEYS(Category.LIMIT, false),
  /** A live subscription already holds this durable position. */
  SUBSCRIBER_EXISTS(Category.CONFLICT, true),
  /** The channel does not exist. */
  NOT_FOUND(Category.NOT_FOUND, false),
  /** The channel was deleted while the call was waiting. */
  CHANNEL_DELETED(Category.NOT_FOUND, false),
  /** Nobody answered the request in time. */
  REQUEST_TIMEOUT(Category.TIMEOUT, true),
  /** The call was cancelled by its caller. */
  CANCELLED(Category.CANCELLED, false),
  /** The engine cannot tell whether the change was made. */
  OUTCOME_UNKNOWN(Category.UNAVAILABLE, true),
  /** Too much is waiting; nothing was done. */
  OVERLOADED(Category.UNAVAILABLE, true),
  /** The disk is nearly full; writes are refused until the broker restarts with more space. */
  STORAGE_FULL(Category.UNAVAILABLE, true),
  /** A write or sync failed; nothing more is acknowledged until the broker restarts. */
  STORAGE_FAILED(Category.UNAVAILABLE, true),
  /** A stored record failed its check and is not delivered. */
  CORRUPT(Category.INTERNAL, false),
  /** The broker is stopping. */
  SHUTTING_DOWN(Category.UNAVAILABLE, true),
  /** A fault of the broker itself; the log has the details. */
  INTERNAL(Category.INTERNAL, false);

  /** What kind of refusal it is, for gateways with few error classes. */
  public enum Category {
    INVALID,
    LIMIT,
    CONFLICT,
    NOT_FOUND,
    TIMEOUT,
    CANCELLED,
    UNAVAILABLE,
    INTERNAL
  }

  private final Category category;
  private final boolean retryable;

  ErrorCode(Category category, boolean retryable) {
    this.category = category;
    this.retryable = retryable;
  }

  public Category category() {
    return category;
  }

  /** Whether the same call may succeed later without change. */
  public boolean retryable() {
    return retryable;
  }
}
