// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.server.internal.ServerConfig.LogLevel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LoggingTest {

  @AfterEach
  void asUsual() {
    Logging.configure(LogLevel.INFO);
  }

  /** gRPC's writes all headers of all calls at this level, tokens included. */
  @Test
  void shouldNotLetLibrariesLogTokens() {
    for (LogLevel level : new LogLevel[] {LogLevel.DEBUG, LogLevel.TRACE}) {
      Logging.configure(level);

      assertThat(isDebugEnabled("io.dragoman.server")).isTrue();
      assertThat(isDebugEnabled("io.grpc.netty.NettyServerHandler")).isFalse();
      assertThat(isDebugEnabled("org.jose4j.jwk.JsonWebKeySet")).isFalse();
    }
  }

  @Test
  void shouldNotMakeThemSayMoreThanOthers() {
    Logging.configure(LogLevel.ERROR);

    assertThat(LoggerFactory.getLogger("io.grpc.netty").isInfoEnabled()).isFalse();
  }

  private static boolean isDebugEnabled(String name) {
    return LoggerFactory.getLogger(name).isDebugEnabled();
  }
}
