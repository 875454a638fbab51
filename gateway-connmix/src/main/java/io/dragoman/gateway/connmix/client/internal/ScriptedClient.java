// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Result;
import io.dragoman.core.Utf8Text;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.lua.ScriptConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Does to one client what its script says. For one lane. */
final class ScriptedClient implements ScriptConnection {
  private static final int NORMAL = 1000;
  private static final int FAULT = 1011;

  private final Client client;
  private final Runnable onResumed;
  private @Nullable String fault;

  /**
   * @param onResumed is run when callbacks wait no more
   */
  ScriptedClient(Client client, Runnable onResumed) {
    this.client = client;
    this.onResumed = onResumed;
  }

  /** What the client was closed for, if its script failed; else null. */
  @Nullable String fault() {
    return fault;
  }

  @Override
  public String id() {
    return Long.toString(client.connection().id());
  }

  @Override
  public String remoteAddress() {
    return client.introduction().remoteAddress();
  }

  @Override
  public Map<String, String> context() {
    return client.connection().context();
  }

  @Override
  public Optional<String> contextValue(String key) {
    return Optional.ofNullable(client.connection().contextValue(key));
  }

  @Override
  public Optional<String> setContext(Map<String, String> values) {
    return refusal(client.connection().setContext(values));
  }

  @Override
  public Optional<String> subscribe(List<String> channels) {
    return refusal(client.connection().subscribe(channels));
  }

  private static Optional<String> refusal(Result<Boolean> outcome) {
    return outcome instanceof Result.Refused<Boolean> refused
        ? Optional.of(refused.error().detail())
        : Optional.empty();
  }

  @Override
  public Optional<String> unsubscribe(List<String> channels) {
    client.connection().unsubscribe(channels);
    return Optional.empty();
  }

  @Override
  public Optional<String> send(byte[] data, boolean binary) {
    if (!client.webSocket()) {
      return notTaken(client.sendPacket(data));
    }
    if (!binary && !Utf8Text.isValid(data)) {
      return Optional.of("a text has to be valid UTF-8");
    }
    return notTaken(client.send(data, binary));
  }

  private static Optional<String> notTaken(boolean taken) {
    return taken ? Optional.empty() : Optional.of("the client does not take what it is sent");
  }

  @Override
  public Optional<String> close() {
    client.close(NORMAL, "");
    return Optional.empty();
  }

  @Override
  public void fail(String reason) {
    fault = reason;
    client.close(FAULT, reason);
  }

  @Override
  public void onResumed() {
    onResumed.run();
  }
}
