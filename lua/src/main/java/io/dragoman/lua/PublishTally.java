// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/**
 * What became of a publish.
 *
 * @param taken connections that took it
 * @param failed members that did not
 */
public record PublishTally(long taken, long failed) {}
