// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.json.JsonText;

/**
 * A request's id, echoed as it came.
 *
 * @param json any scalar, as JSON
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RequestId(byte[] json) {
  static final RequestId NONE = new RequestId(JsonText.ascii("null"));
}
