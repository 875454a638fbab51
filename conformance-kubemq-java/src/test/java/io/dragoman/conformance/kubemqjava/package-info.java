// SPDX-License-Identifier: Apache-2.0
/**
 * KubeMQ's Java SDK 1.0.2 as published, against a broker in another process: every operation that
 * it offers.
 */
package io.dragoman.conformance.kubemqjava;
