// SPDX-License-Identifier: Apache-2.0
/**
 * Eventhub's own JavaScript client, unmodified, against a broker in another process. What it does
 * there is JavaScript, in {@code src/test/js}.
 */
package io.dragoman.conformance.jsclient;
