// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/** The ports of one running broker, as gateways see it. */
public interface Broker {
  Events events();

  Logs logs();

  Queues queues();

  Requests requests();

  Channels channels();

  Dispatch dispatch();

  KeyValues keyValues();

  Connections connections();

  Metrics metrics();

  /** What passed through each channel; gateways record, the admin module shows. */
  ChannelStats channelStats();

  Clock clock();

  Health health();

  /** This node's name, unique among the nodes of one broker. */
  String nodeName();
}
