// SPDX-License-Identifier: Apache-2.0
/** What the commands are made of: connections to a broker, and the three formats of output. */
@NullMarked
package io.dragoman.cli.internal;

import org.jspecify.annotations.NullMarked;
