// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.OptionalLong;

/**
 * What history gives: the newest records that were asked for, oldest first.
 *
 * @param records at most as many and as large as was asked for; none that has expired
 * @param complete whether nothing between the start and now is missing from them: the start is
 *     known, and neither retention nor expiry nor the limits have taken anything
 * @param missed how many are missing, when that is known
 */
public record LogHistory(List<LogRecord> records, boolean complete, OptionalLong missed) {}
