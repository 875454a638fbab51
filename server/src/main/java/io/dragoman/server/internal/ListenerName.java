// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import java.util.OptionalInt;

/** The listeners a node can have. */
public enum ListenerName {
  HTTP("http", Settings.HTTP_PORT, "health, metrics, Eventhub, KubeMQ API", true),
  EVENTHUB("eventhub", Settings.EVENTHUB_PORT, "Eventhub WebSocket and event streams", true),
  KUBEMQ_REST("kubemq-rest", Settings.KUBEMQ_REST_PORT, "KubeMQ REST and WebSocket", true),
  KUBEMQ_GRPC("kubemq-grpc", Settings.KUBEMQ_GRPC_PORT, "KubeMQ gRPC", true),
  CONNMIX_API("connmix-api", Settings.CONNMIX_API_PORT, "connmix API for backends", true),
  CONNMIX_CENTER("connmix-center", Settings.CONNMIX_CENTER_PORT, "connmix registry", true),
  CONNMIX_CLIENT("connmix-client", Settings.CONNMIX_CLIENT_PORT, "connmix clients", true);

  private final String label;

  // A setting is immutable, but the functions within its type cannot be known to be.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Setting<OptionalInt> setting;

  private final String description;
  private final boolean served;

  ListenerName(String label, Setting<OptionalInt> setting, String description, boolean served) {
    this.label = label;
    this.setting = setting;
    this.description = description;
    this.served = served;
  }

  /** The name in {@code listeners.json}, logs and metrics. */
  public String label() {
    return label;
  }

  Setting<OptionalInt> setting() {
    return setting;
  }

  /** The key of its port. */
  public String key() {
    return setting.key();
  }

  /** What it serves, in a few words. */
  public String description() {
    return description;
  }

  /** Whether this version has a gateway for it. */
  public boolean served() {
    return served;
  }

  /** Whether its gateway can check tokens. */
  public boolean verifiesTokens() {
    return switch (this) {
      case HTTP,
          EVENTHUB,
          KUBEMQ_REST,
          KUBEMQ_GRPC,
          CONNMIX_API,
          CONNMIX_CENTER,
          CONNMIX_CLIENT -> true;
    };
  }
}
