// SPDX-License-Identifier: Apache-2.0
/**
 * The command {@code dragoman}: all messaging from a terminal. It speaks the broker's public
 * protocols and knows none of the broker's classes, so it works with any broker of these protocols.
 */
@NullMarked
package io.dragoman.cli;

import org.jspecify.annotations.NullMarked;
