// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * What became of a publish to a channel's connections.
 *
 * @param taken connections whose socket buffer took it
 * @param failed members at that moment that did not: gone meanwhile, or too far behind
 */
public record PublishCount(int taken, int failed) {}
