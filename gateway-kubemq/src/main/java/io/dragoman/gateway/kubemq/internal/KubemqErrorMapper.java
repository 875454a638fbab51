// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Result;

/** What the core's refusals are called in this dialect: the only place that knows both. */
final class KubemqErrorMapper {

  private KubemqErrorMapper() {}

  /** The text of a refusal, whichever pattern it belongs to. */
  static String text(BrokerError error) {
    return switch (error.code()) {
      case REQUEST_TIMEOUT -> KubemqError.REQUEST_TIMEOUT.text();
      case OVERLOADED -> KubemqError.CONNECTION_NOT_AVAILABLE.text();
      case STORAGE_FULL, STORAGE_FAILED -> KubemqError.PERSISTENCE_NOT_READY.text();
      case SHUTTING_DOWN -> KubemqError.SHUTTING_DOWN.text();
      case TOO_MANY_CHANNELS -> "too many channels";
      case TOO_MANY_SUBSCRIPTIONS -> "too many subscriptions per channel";
      case INTERNAL -> "internal error";
      case INVALID_NAME,
          INVALID_ARGUMENT,
          TOO_LARGE,
          CHANNEL_FULL,
          TOO_MANY_KEYS,
          SUBSCRIBER_EXISTS,
          NOT_FOUND,
          CHANNEL_DELETED,
          CANCELLED,
          OUTCOME_UNKNOWN,
          CORRUPT ->
          detail(error);
    };
  }

  /** The text of an outcome that may be a refusal; empty if it is none. */
  static String text(Result<?> outcome) {
    return outcome instanceof Result.Refused<?> refused ? text(refused.error()) : "";
  }

  /** The core's own words, which are made for people. Never empty: an empty text means no error. */
  private static String detail(BrokerError error) {
    return error.detail().isEmpty() ? error.code().name() : error.detail();
  }
}
