// SPDX-License-Identifier: Apache-2.0
/** Reading and writing JSON straight from and to network buffers, for gateways. */
@NullMarked
package io.dragoman.json;

import org.jspecify.annotations.NullMarked;
