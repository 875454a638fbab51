// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

/** What a client may do (spec: eventhub §5). Safe from any thread. */
public interface Caller {

  /** Whoever connects while no tokens are required: everything is allowed. */
  Caller ANYONE =
      new Caller() {
        @Override
        public boolean mayRead(String topicOrFilter) {
          return true;
        }

        @Override
        public boolean mayWrite(String topic) {
          return true;
        }

        @Override
        public String subject() {
          return "";
        }

        @Override
        public boolean takePublish(String topic) {
          return true;
        }
      };

  /** Whether it may read a topic, or all topics that a filter can match; or a key. */
  boolean mayRead(String topicOrFilter);

  /** Whether it may publish to a topic, or change a key. */
  boolean mayWrite(String topic);

  /** Who it is, as its token says; empty when that is not known. */
  String subject();

  /** Counts a publish against its rate limit; false when that is used up. */
  boolean takePublish(String topic);
}
