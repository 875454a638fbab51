// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import java.nio.charset.StandardCharsets;

/**
 * The id of a request as JSON, to be given back exactly as it came: a text, a whole number of any
 * size, or null. Immutable.
 */
final class RequestId {
  static final RequestId NULL = new RequestId("null".getBytes(StandardCharsets.US_ASCII));

  private final byte[] json;
  private final int hash;

  /** Takes the bytes over. */
  RequestId(byte[] json) {
    this.json = json;
    this.hash = java.util.Arrays.hashCode(json);
  }

  /** Not a copy: do not change it. */
  byte[] json() {
    return json;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof RequestId id
            && hash == id.hash
            && java.util.Arrays.equals(json, id.json);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
