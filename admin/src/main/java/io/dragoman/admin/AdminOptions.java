// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import java.util.List;
import java.util.function.Supplier;

/**
 * What the administration routes need to know of their node.
 *
 * @param version of the broker
 * @param durability when a stored message is acknowledged, as in the configuration: sync or async
 * @param compatMetrics whether {@code /metrics} has the families of KubeMQ, Eventhub and connmix
 *     too
 * @param channelsMax channels with series of their own; the rest is added up
 * @param surfaces what the node serves, for the index; asked at each request
 */
public record AdminOptions(
    String version,
    String durability,
    boolean compatMetrics,
    int channelsMax,
    Supplier<List<Surface>> surfaces) {

  /**
   * One listener of the node.
   *
   * @param name its name, such as {@code kubemq-rest}
   * @param uri where it is
   * @param description what it serves, in a few words
   */
  public record Surface(String name, String uri, String description) {}
}
