// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

/**
 * A backend's request.
 *
 * @param method empty when there is none
 * @param bytes its size on the wire
 */
record ApiRequest(RequestId id, String method, ApiParams params, int bytes) {}
