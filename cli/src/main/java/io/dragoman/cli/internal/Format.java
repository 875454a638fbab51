// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/** How results are shown. Lower case, since that is what is typed. */
public enum Format {
  /** For people. */
  table,
  /** One JSON document, indented; of a stream without end, one after the other. */
  json,
  /** JSON, one line for each record. */
  ndjson
}
