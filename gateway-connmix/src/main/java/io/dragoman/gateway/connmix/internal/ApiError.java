// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

/** Why a backend's request was refused (spec: connmix §2.1). */
record ApiError(int code, String text) {
  static final int INVALID_ARGUMENT = 101;

  /** Ours: the account may not do this. */
  static final int NOT_ALLOWED = 102;

  static final int CONSUMPTION_FAILED = 201;
  static final int CONSUMED_ALREADY = 202;
  static final int NOTHING_CONSUMED = 203;
  static final int CALL_FAILED = 301;
  static final int SEND_FAILED = 401;

  static ApiError invalid(String text) {
    return new ApiError(INVALID_ARGUMENT, text);
  }

  static ApiError notAllowed(String text) {
    return new ApiError(NOT_ALLOWED, text);
  }
}
