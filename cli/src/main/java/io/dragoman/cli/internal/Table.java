// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns with a heading. Numbers are to the right. For one thread. */
public final class Table {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] toTheRight;

  public Table(List<String> headings) {
    this.headings = headings;
    this.toTheRight = new boolean[headings.size()];
  }

  /** Marks a column as one of numbers. */
  public void alignRight(int column) {
    toTheRight[column] = true;
  }

  public void add(List<String> cells) {
    rows.add(cells.stream().map(Printable::line).toList());
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** All lines, the heading first, each with its newline. */
  public String text(Style style) {
    int[] widths = new int[headings.size()];
    measure(headings, widths);
    rows.forEach(row -> measure(row, widths));
    StringBuilder text = new StringBuilder();
    text.append(style.bold(line(headings, widths))).append('\n');
    rows.forEach(row -> text.append(line(row, widths)).append('\n'));
    return text.toString();
  }

  private static void measure(List<String> cells, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      widths[i] = Math.max(widths[i], cell.codePointCount(0, cell.length()));
    }
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(widths[i] - cell.codePointCount(0, cell.length()));
      line.append(i == 0 ? "" : GAP).append(toTheRight[i] ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }
}
