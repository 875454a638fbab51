// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.jsclient;

import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The chat of {@code docs/chat}, as the page says: the broker with its settings, two workers, and
 * what its web page talks with.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ChatTest {

  @RegisterExtension final Brokers brokers = new Brokers();

  @Test
  void shouldServeAChat() {
    BrokerProcess broker =
        brokers.broker().config(Scenario.CHAT.resolve("dragoman.yaml")).start().awaitReady();
    Scenario.ofChat("shouldServeAChat", broker).run();
    brokers.assertNoComplaints();
  }
}
