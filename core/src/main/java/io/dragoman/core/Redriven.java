// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Map;

/**
 * What one step of a redrive did.
 *
 * @param moved how many dead letters went back, or would go in a dry run
 * @param origins the same by the queue they went to
 * @param through the last sequence this redrive is to look at, for the steps that follow: what
 *     comes back as a dead letter meanwhile lies behind it
 * @param next the sequence at which the next step begins; 0 when there is nothing left to look at
 */
public record Redriven(int moved, Map<String, Integer> origins, long through, long next) {}
