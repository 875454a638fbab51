// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;

/** Messages as readable text, for tables of them: {@code ClientID:'c' Channel:'foo'}. */
final class GrpcText {

  private GrpcText() {}

  @SuppressWarnings("unchecked")
  static <M extends Message> M message(M type, String text) {
    Message.Builder builder = type.newBuilderForType();
    try {
      TextFormat.merge(text, builder);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(text, e);
    }
    return (M) builder.build();
  }
}
