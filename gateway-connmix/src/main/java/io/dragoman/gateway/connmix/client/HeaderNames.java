// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.util.Locale;

/** Names of headers as connmix tells them to scripts and backends. */
public final class HeaderNames {
  private HeaderNames() {}

  /** Each word with a capital: {@code user-agent} is {@code User-Agent}. */
  public static String canonical(String name) {
    StringBuilder out = new StringBuilder(name.toLowerCase(Locale.ROOT));
    boolean first = true;
    for (int i = 0; i < out.length(); i++) {
      if (first) {
        out.setCharAt(i, Character.toUpperCase(out.charAt(i)));
      }
      first = out.charAt(i) == '-';
    }
    return out.toString();
  }
}
