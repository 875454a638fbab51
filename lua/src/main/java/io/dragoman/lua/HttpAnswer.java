// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.List;
import java.util.Map;

/**
 * The answer to a script's HTTP request.
 *
 * @param url where it came from, after redirects
 * @param headers as received, but that the words of names have capitals; names may repeat
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpAnswer(
    int status, String url, List<Map.Entry<String, String>> headers, byte[] body) {}
