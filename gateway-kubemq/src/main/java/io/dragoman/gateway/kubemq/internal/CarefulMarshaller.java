// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.grpc.MethodDescriptor;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send. What cannot be read costs its sender the call, and no more: gRPC would
 * take the exception for a fault of the server, and log it.
 */
final class CarefulMarshaller<T> implements MethodDescriptor.PrototypeMarshaller<T> {
  private final MethodDescriptor.PrototypeMarshaller<T> marshaller;

  CarefulMarshaller(MethodDescriptor.Marshaller<T> marshaller) {
    this.marshaller = (MethodDescriptor.PrototypeMarshaller<T>) marshaller;
  }

  @Override
  public InputStream stream(T value) {
    return marshaller.stream(value);
  }

  /** A message that is empty if the real one was {@linkplain InboundBudget#unreadable noted}. */
  @Override
  public T parse(InputStream stream) {
    try {
      return marshaller.parse(stream);
    } catch (RuntimeException e) {
      InboundBudget budget = InboundBudget.current();
      if (budget == null) {
        throw e;
      }
      budget.unreadable(e);
      return Objects.requireNonNull(marshaller.getMessagePrototype());
    }
  }

  @Override
  public @Nullable T getMessagePrototype() {
    return marshaller.getMessagePrototype();
  }

  @Override
  public Class<T> getMessageClass() {
    return marshaller.getMessageClass();
  }
}
