// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.List;
import java.util.Map;

/**
 * An HTTP request of a script. The query, cookies and credentials are in the URL and the headers
 * already.
 *
 * @param headers in the order to be sent; names may repeat
 * @param body empty when there is none
 * @param timeoutMillis for all of it, until the last byte of the answer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpCall(
    String method,
    String url,
    List<Map.Entry<String, String>> headers,
    byte[] body,
    long timeoutMillis) {}
