// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects the body of an answer, which fails when it is larger than allowed. For one answer, whose
 * client calls it from one thread at a time.
 */
public final class BoundedBody implements BodySubscriber<byte[]> {
  private static final int OK = 200;

  private final int bytesMax;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /** Collects at most so many bytes. */
  public BoundedBody(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** What is done with the body of an answer with this status: only 200 brings what was asked. */
  static BodySubscriber<byte[]> of(int status, int bytesMax) {
    if (status == OK) {
      return new BoundedBody(bytesMax);
    }
    BoundedBody none = new BoundedBody(0);
    none.fail(new IOException("it answers with status " + status));
    return none;
  }

  static IOException tooLarge(int bytesMax) {
    return new IOException("it has more than " + bytesMax + " bytes");
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription made) {
    subscription = made;
    if (body.isDone()) {
      made.cancel();
    } else {
      made.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer each : parts) {
      if (bytes.size() + each.remaining() > bytesMax) {
        fail(tooLarge(bytesMax));
        return;
      }
      byte[] part = new byte[each.remaining()];
      each.get(part);
      bytes.writeBytes(part);
    }
  }

  private void fail(IOException reason) {
    body.completeExceptionally(reason);
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable cause) {
    body.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    body.complete(bytes.toByteArray());
  }
}
