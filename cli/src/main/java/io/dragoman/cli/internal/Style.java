// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/** Colours, where they are wanted. */
public final class Style {
  private static final String ESCAPE = "\033[";

  private final boolean colours;

  public Style(boolean colours) {
    this.colours = colours;
  }

  public String bold(String text) {
    return in("1", text);
  }

  public String dim(String text) {
    return in("2", text);
  }

  public String red(String text) {
    return in("31", text);
  }

  public String green(String text) {
    return in("32", text);
  }

  private String in(String code, String text) {
    return colours ? ESCAPE + code + "m" + text + ESCAPE + "0m" : text;
  }
}
