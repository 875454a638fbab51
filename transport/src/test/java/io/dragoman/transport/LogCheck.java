// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class during which something was logged above info, or with a stack trace, by us or
 * by Netty: whatever peers do must not fill the log. Faults that a test makes on purpose carry
 * {@link #ON_PURPOSE} in their message.
 */
public final class LogCheck implements BeforeAllCallback, AfterAllCallback {

  /** Part of the message of an exception that a test throws on purpose. */
  public static final String ON_PURPOSE = "(on purpose)";

  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Collector collector = new Collector();

  @Override
  public void beforeAll(ExtensionContext context) {
    collector.start();
    root.addAppender(collector);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    root.detachAppender(collector);
    assertThat(collector.unexpected).as("logged").isEmpty();
  }

  private static final class Collector extends AppenderBase<ILoggingEvent> {
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      IThrowableProxy thrown = event.getThrowableProxy();
      boolean onPurpose =
          thrown != null
              && thrown.getMessage() != null
              && thrown.getMessage().contains(ON_PURPOSE)
              && event.getLoggerName().startsWith("dragoman.");
      boolean loud = event.getLevel().isGreaterOrEqual(Level.WARN) || thrown != null;
      boolean ours = event.getLoggerName().startsWith("dragoman.");
      if (!onPurpose && loud && (ours || event.getLevel().isGreaterOrEqual(Level.WARN))) {
        unexpected.add(event + (thrown == null ? "" : " " + thrown.getClassName()));
      }
    }
  }
}
