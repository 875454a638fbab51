// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.dragoman.server.internal.ServerConfig.LogLevel;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * What the command logs and where: short lines on standard error. Set up here rather than in a file
 * because reading a file takes a tenth of our start, and because a file in our jar would also catch
 * the programs that run a broker inside themselves.
 */
final class Logging {
  private static final String OWN_FILE = "logback.configurationFile";
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %logger{24} - %msg%n";

  /**
   * Libraries that at finer levels write down whole headers, and with them tokens, or keys as they
   * read them. No level that an operator chooses makes them.
   */
  private static final List<String> INDISCREET = List.of("io.grpc.netty", "org.jose4j");

  private Logging() {}

  /** Replaces logback's defaults, unless the operator brought a configuration. */
  static void configure(LogLevel level) {
    if (System.getProperty(OWN_FILE) != null
        || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    context.reset();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.valueOf(level.name()));
    root.addAppender(standardError(context));
    if (!root.getLevel().isGreaterOrEqual(Level.INFO)) {
      INDISCREET.forEach(name -> context.getLogger(name).setLevel(Level.INFO));
    }
  }

  private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}
