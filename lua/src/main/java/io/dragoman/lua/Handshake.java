// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.Map;

/**
 * The request that opened a WebSocket.
 *
 * @param headers values by names, whose words have capitals; several of one name are joined
 * @param requestUri path and query
 * @param protocol such as {@code HTTP/1.1}
 * @param host what the client says it talks to
 */
public record Handshake(
    Map<String, String> headers,
    String method,
    String requestUri,
    String protocol,
    String host,
    String remoteAddress) {}
