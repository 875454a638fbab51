// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.jsclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The npm package {@code eventhub-jsclient} as its users have it: every operation it offers, with
 * and without tokens, and its way back after the broker was killed.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JavaScriptClientTest {

  private static final String SECRET = "a secret that nobody will guess!";
  private static final String[] OPEN = {};
  private static final String[] WITH_TOKENS = {"auth.enabled=true", "auth.jwt.secret=" + SECRET};

  @RegisterExtension final Brokers brokers = new Brokers();

  @TestFactory
  Stream<DynamicTest> shouldServeTheClient() {
    return scenarios("operations", brokers.start(OPEN), "");
  }

  @TestFactory
  Stream<DynamicTest> shouldServeTheClientWithAToken() {
    BrokerProcess broker = brokers.start(WITH_TOKENS);
    return Stream.concat(
        scenarios("operations", broker, SECRET), scenarios("tokens", broker, SECRET));
  }

  private static Stream<DynamicTest> scenarios(String file, BrokerProcess broker, String secret) {
    return Scenario.names(file).stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    file + "." + name, () -> Scenario.of(file, name, broker, secret).run()));
  }

  @Test
  void shouldMissNothingWhenTheBrokerIsKilled() {
    reconnect("", OPEN);
  }

  @Test
  void shouldMissNothingWhenTheBrokerIsKilledWithAToken() {
    reconnect(SECRET, WITH_TOKENS);
  }

  private void reconnect(String secret, String... settings) {
    List<BrokerProcess> started = new ArrayList<>();
    started.add(brokers.start(settings));
    List<String> again = new ArrayList<>(List.of(settings));
    again.add("http.port=" + started.get(0).http().getPort());
    Scenario.of("reconnect", "shouldMissNothingWhenTheBrokerIsKilled", started.get(0), secret)
        .run(
            line -> {
              assertThat(line).isEqualTo("kill");
              started.get(started.size() - 1).kill();
              started.add(brokers.start(again.toArray(String[]::new)));
            });
    assertThat(started).as("brokers").hasSizeGreaterThan(1);
    brokers.assertNoComplaints();
  }
}
