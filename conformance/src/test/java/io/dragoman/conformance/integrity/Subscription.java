// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import java.util.Arrays;
import java.util.BitSet;

/**
 * One subscriber's interest in one topic or pattern, through all its connections. Every event it is
 * shown must be one that it wants, and for each publisher later than the one before. For one
 * thread.
 */
final class Subscription {

  private final Plan plan;
  private final Account account;
  private final Plan.Filter filter;
  private final String name;
  private final BitSet[] seen = new BitSet[Plan.PUBLISHERS];
  private final int[] lastNumbers = new int[Plan.PUBLISHERS];
  private final int[] finalNumbers = new int[Plan.PUBLISHERS];
  private final long[] lastPlaces = new long[Plan.TOPICS];
  private final long beginMillis;

  private String lastId = "";
  private long requestId;
  private boolean confirmed;
  private boolean historyAsked;

  /**
   * @param beginMillis before the first event
   */
  Subscription(Plan plan, Account account, int subscriber, Plan.Filter filter, long beginMillis) {
    this.plan = plan;
    this.account = account;
    this.filter = filter;
    this.name = "subscriber " + subscriber + " of " + filter.text();
    this.beginMillis = beginMillis;
    Arrays.setAll(seen, i -> new BitSet());
    Arrays.fill(lastNumbers, -1);
    Arrays.setAll(finalNumbers, i -> plan.last(filter, i));
  }

  Plan.Filter filter() {
    return filter;
  }

  boolean has(int publisher, int number) {
    return seen[publisher].get(number);
  }

  /** Whether all that there will be has been shown, if nothing is missing. */
  boolean complete() {
    return Arrays.equals(lastNumbers, finalNumbers);
  }

  boolean confirmed() {
    return confirmed;
  }

  /**
   * The request for it: with everything since the last event, or since the beginning.
   *
   * @param fresh before the first event: no history is needed
   */
  ObjectNode request(long id, boolean fresh) {
    requestId = id;
    confirmed = false;
    historyAsked = !fresh;
    ObjectNode params = Json.object().put("topic", filter.text());
    if (!fresh && lastId.isEmpty()) {
      params.put("since", beginMillis);
    } else if (!fresh) {
      params.put("sinceEventId", lastId);
    }
    ObjectNode request = Json.object().put("id", id).put("jsonrpc", "2.0");
    request.put("method", "subscribe").set("params", params);
    return request;
  }

  boolean isOf(long id) {
    return requestId == id;
  }

  void confirm(JsonNode reply) {
    JsonNode result = reply.path("result");
    boolean sound =
        result.path("status").asText().equals("ok")
            && result.path("topic").asText().equals(filter.text())
            && result.has("recovered") == historyAsked
            && (!historyAsked || result.get("recovered").asBoolean());
    if (!sound || confirmed) {
      account.complain("%s: %s", this, reply);
    }
    confirmed = true;
  }

  /** No event may come from now on. */
  void unsubscribed() {
    requestId = 0;
  }

  /**
   * @param place the id as nanoseconds
   * @param topic the index of its topic, -1 for a topic that is none of ours
   */
  void take(int publisher, int number, long place, int topic, String id) {
    if (!confirmed) {
      account.complain("%s: %d-%d before its confirmation", this, publisher, number);
    }
    if (topic != plan.topicOf(publisher, number) || !filter.isFor(topic)) {
      account.complain("%s: %d-%d with topic %d", this, publisher, number, topic);
      return;
    }
    if (number <= lastNumbers[publisher]) {
      account.complain(
          "%s: %d-%d after number %d, %s",
          this,
          publisher,
          number,
          lastNumbers[publisher],
          has(publisher, number) ? "again" : "too late");
    }
    if (place <= lastPlaces[topic]) {
      account.complain("%s: id %s of %d-%d does not increase", this, id, publisher, number);
    }
    seen[publisher].set(number);
    lastNumbers[publisher] = Math.max(number, lastNumbers[publisher]);
    lastPlaces[topic] = place;
    lastId = id;
    account.show(publisher, number, place);
  }

  @Override
  public String toString() {
    return name;
  }
}
