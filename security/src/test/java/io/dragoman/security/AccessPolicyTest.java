// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import io.dragoman.security.AccessPolicy.Action;
import io.dragoman.security.AccessPolicy.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessPolicyTest {
  private static final String POLICY =
      """
      [{"ClientID":"orders*","Events":true,"EventsStore":true,"Channel":"orders.*","Read":true,"Write":true},
       {"clientid":"audit","queues":true,"Channel":".*","Read":true},
       {"ClientID":"(a|b)[0-9]+","Commands":true,"Queries":true,"Channel":"rpc\\\\.(x|y)","Write":true,"Note":{"by":["me"]}}]
      """;

  private static Verdict check(
      AccessPolicy policy, String client, Kind kind, String channel, Action action) {
    return policy.check(client, kind, ChannelFilter.dotted(channel), action);
  }

  @ParameterizedTest
  @CsvSource({
    "orders-1, EVENTS, orders.new, WRITE, ALLOWED",
    "orders-1, LOG, orders.new, READ, ALLOWED",
    "orders-1, QUEUE, orders.new, READ, DENIED",
    "orders-1, EVENTS, ordersnew, WRITE, DENIED",
    "other, EVENTS, orders.new, WRITE, DENIED",
    "audit, QUEUE, anything, READ, ALLOWED",
    "audit, QUEUE, anything, WRITE, DENIED",
    "audits, QUEUE, anything, READ, DENIED",
    "a17, QUERY, rpc.x, WRITE, ALLOWED",
    "a17, COMMAND, rpc.y, WRITE, ALLOWED",
    "a17, COMMAND, rpc.yy, WRITE, DENIED",
    "a17, COMMAND, rpc-x, WRITE, DENIED",
    "xa17, COMMAND, rpc.x, WRITE, DENIED",
    "'', COMMAND, rpc.x, WRITE, INCOMPLETE",
    "a17, COMMAND, '', WRITE, INCOMPLETE"
  })
  void shouldAllowWhatOneRuleAllowsWhole(
      String client, Kind kind, String channel, Action action, Verdict expected) {
    assertThat(check(AccessPolicy.parse(POLICY), client, kind, channel, action))
        .isEqualTo(expected);
  }

  /** A pattern is not a name: the rule must be for all that it can match. */
  @ParameterizedTest
  @CsvSource({
    "orders-1, EVENTS, orders.>, ALLOWED",
    "orders-1, EVENTS, orders.*.x, ALLOWED",
    "orders-1, EVENTS, *.new, DENIED",
    "orders-1, EVENTS, >, DENIED",
    "audit, QUEUE, >, ALLOWED",
    "a1, QUERY, rpc.*, DENIED"
  })
  void shouldAllowPatternsThatARuleCovers(
      String client, Kind kind, String pattern, Verdict expected) {
    assertThat(check(AccessPolicy.parse(POLICY), client, kind, pattern, Action.READ))
        .isEqualTo(expected);
  }

  @Test
  void shouldCoverSlashedFiltersThatMayLoseTheirLastSlash() {
    AccessPolicy policy =
        AccessPolicy.parse(
            "[{\"ClientID\":\".*\",\"EventsStore\":true,\"Channel\":\"a/*\",\"Read\":true}]");

    ChannelFilter deeper = ChannelFilter.slashed("a/b/#");
    ChannelFilter same = ChannelFilter.slashed("a/#");
    ChannelFilter one = ChannelFilter.slashed("a/+");
    assertThat(policy.check("c", Kind.LOG, deeper, Action.READ)).isEqualTo(Verdict.ALLOWED);
    assertThat(policy.check("c", Kind.LOG, one, Action.READ)).isEqualTo(Verdict.ALLOWED);
    assertThat(policy.check("c", Kind.LOG, same, Action.READ)).isEqualTo(Verdict.DENIED);
  }

  @Test
  void shouldSayThatThereAreNoRules() {
    assertThat(check(AccessPolicy.parse("[]"), "c", Kind.QUEUE, "q", Action.READ))
        .isEqualTo(Verdict.NO_RULES);
    assertThat(check(AccessPolicy.OPEN, "", Kind.QUEUE, "q", Action.READ))
        .isEqualTo(Verdict.ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"ClientID\":\"a\"}]",
        "[{\"ClientID\":\"a\",\"Channel\":\"[\"}]",
        "[{\"ClientID\":\"a\",\"Channel\":7}]",
        "[{\"ClientID\":\"a\",\"Channel\":\"c\",\"Read\":\"yes\"}]",
        "[{\"ClientID\":\"a\",\"Channel\":\"c\"}",
        "[] []"
      })
  void shouldRefuseWhatIsNoPolicy(String json) {
    assertThatThrownBy(() -> AccessPolicy.parse(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldGiveUpExpressionsThatTakeForEver() {
    AccessPolicy policy =
        AccessPolicy.parse(
            "[{\"ClientID\":\"c\",\"Queues\":true,\"Channel\":\"(a+)+b\",\"Read\":true}]");

    assertThat(check(policy, "c", Kind.QUEUE, "aab", Action.READ)).isEqualTo(Verdict.ALLOWED);
    assertThat(check(policy, "c", Kind.QUEUE, "a".repeat(256), Action.READ))
        .isEqualTo(Verdict.DENIED);
  }

  @Test
  void shouldReadItsFileAgainAndKeepWhatHeldWhenThatFails(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("policy.json"), "[]");
    Metrics metrics = new Metrics();
    try (AccessPolicies policies = AccessPolicies.file(file, Duration.ofMillis(20), metrics)) {
      assertThat(policies.get().size()).isZero();

      Files.writeString(file, POLICY);
      await().until(() -> policies.get().size() == 3);

      Files.writeString(file, "[");
      await()
          .until(
              () -> metrics.counter("dragoman_access_policy_reload_failed_total", "").value() > 0);
      assertThat(policies.get().size()).isEqualTo(3);
    }
  }

  @Test
  void shouldSayWhichFileIsMissing(@TempDir Path directory) {
    Path file = directory.resolve("none.json");

    assertThatThrownBy(() -> AccessPolicies.file(file, Duration.ZERO, new Metrics()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.json");
  }
}
