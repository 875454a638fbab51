// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * What is pushed to client connections: a message and how clients are shown it.
 *
 * @param message what is pushed; its body is the payload
 * @param binary whether clients get it as binary data, and not as text. A text's body is valid
 *     UTF-8
 */
public record Push(Message message, boolean binary) {}
