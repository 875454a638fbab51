// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request may have in {@code p}, by its meaning (spec: connmix §2.0). What is missing, or of
 * a type that cannot be meant, is null.
 *
 * @param target {@code c}: a client's id, or a channel
 * @param data {@code d}: the text, or the JSON of what is no text
 * @param type {@code t} that is a text
 * @param topics {@code t} that is a list of texts, or all of {@code p} if it is one
 * @param function {@code f}
 * @param arguments {@code a}: texts of JSON
 * @param acknowledged {@code ack}
 */
record ApiParams(
    @Nullable String target,
    @Nullable String data,
    @Nullable String type,
    @Nullable List<String> topics,
    @Nullable String function,
    @Nullable List<String> arguments,
    boolean acknowledged) {}
