// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

/**
 * A request as it came, with its method not looked up yet.
 *
 * @param bytes the length of its frame
 */
record RpcRequest(RequestId id, String method, Params params, int bytes) {}
