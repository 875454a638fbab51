// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.List;
import java.util.function.Function;

/**
 * Shows records in the format that was asked for. Quiet output is only what a script needs: for a
 * message its body, for everything else nothing in the format for people.
 */
public final class Output {

  /** A column of a table: its heading and what it shows of a record. */
  public record Column(String heading, boolean number, Function<Fields, String> cell) {

    public static Column text(String heading, String field) {
      return new Column(heading, false, fields -> fields.text(field));
    }

    public static Column number(String heading, String field) {
      return new Column(heading, true, fields -> Long.toString(fields.number(field)));
    }

    public static Column time(String heading, String field) {
      return new Column(heading, false, fields -> Times.human(fields.get(field)));
    }
  }

  private final Console console;
  private final Format format;
  private final boolean quiet;
  private final Style style;

  public Output(Console console, Format format, boolean quiet) {
    this.console = console;
    this.format = format;
    this.quiet = quiet;
    this.style = new Style(console.colours());
  }

  public Format format() {
    return format;
  }

  public Style style() {
    return style;
  }

  /** Something for people beside the result, on standard error. */
  public void note(String text) {
    if (!quiet) {
      console.err().println(Printable.lines(text));
    }
  }

  /** A result that is one record; people read the sentence instead. */
  public void result(Fields fields, String sentence) {
    switch (format) {
      case json -> console.println(Json.pretty(fields));
      case ndjson -> console.println(Json.compact(fields));
      case table -> {
        if (!quiet) {
          console.println(sentence);
        }
      }
    }
    console.flush();
  }

  /** A list of records that is known as a whole. */
  public void table(List<Fields> records, List<Column> columns, String sentenceWhenEmpty) {
    Records list = records(columns, sentenceWhenEmpty);
    records.forEach(list::add);
    list.done();
  }

  /** A list of records that comes in parts; complete when the answer is done. */
  public Records records(List<Column> columns, String sentenceWhenEmpty) {
    return switch (format) {
      case json -> new JsonArray(console);
      case ndjson -> new JsonLines(console);
      case table -> new Rows(columns, sentenceWhenEmpty);
    };
  }

  /** Messages that end some time: one JSON array. */
  public Records messages() {
    return switch (format) {
      case json -> new JsonArray(console);
      case ndjson -> new JsonLines(console);
      case table -> new Blocks();
    };
  }

  /** Messages without end: each is shown when it comes. */
  public Records messageStream() {
    return switch (format) {
      case json -> new JsonDocuments(console);
      case ndjson -> new JsonLines(console);
      case table -> new Blocks();
    };
  }

  /** Takes records one by one. A list that is never done shows that it is not complete. */
  public interface Records {
    void add(Fields fields);

    /**
     * Completes the output.
     *
     * @throws CliException if it is not all that was asked for
     */
    void done();
  }

  private final class Rows implements Records {
    /** So many rows share the widths of their columns; then the widths are measured again. */
    private static final int ROWS_MAX = 10_000;

    private final List<Column> columns;
    private final String sentenceWhenEmpty;
    private Table table;
    private int rows;

    Rows(List<Column> columns, String sentenceWhenEmpty) {
      this.columns = columns;
      this.sentenceWhenEmpty = sentenceWhenEmpty;
      this.table = newTable();
    }

    private Table newTable() {
      Table fresh = new Table(columns.stream().map(Column::heading).toList());
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).number()) {
          fresh.alignRight(i);
        }
      }
      return fresh;
    }

    @Override
    public void add(Fields fields) {
      table.add(columns.stream().map(column -> column.cell().apply(fields)).toList());
      rows++;
      if (rows % ROWS_MAX == 0) {
        console.print(table.text(style));
        table = newTable();
      }
    }

    @Override
    public void done() {
      if (!table.isEmpty()) {
        console.print(table.text(style));
      } else if (rows == 0) {
        note(sentenceWhenEmpty);
      }
      console.flush();
    }
  }

  /** A head line for each message, then its body as it is. Quiet, the bodies are all there is. */
  private final class Blocks implements Records {
    private int leftOut;

    @Override
    public void add(Fields message) {
      if (!quiet) {
        MessageText.block(message, console, style);
      } else if (!MessageText.body(message, console)) {
        leftOut++;
        console
            .err()
            .println(
                "left out: message "
                    + Printable.line(message.text(message.has("sequence") ? "sequence" : "id"))
                    + " with "
                    + message.number("bodyBytes")
                    + " bytes");
      }
      console.flush();
    }

    @Override
    public void done() {
      console.flush();
      if (leftOut > 0) {
        throw CliException.failed(
            "bodies that are too large for this way of looking were left out: " + leftOut);
      }
    }
  }

  private record JsonLines(Console console) implements Records {
    @Override
    public void add(Fields fields) {
      console.println(Json.compact(fields));
      console.flush();
    }

    @Override
    public void done() {
      console.flush();
    }
  }

  private record JsonDocuments(Console console) implements Records {
    @Override
    public void add(Fields fields) {
      console.println(Json.pretty(fields));
      console.flush();
    }

    @Override
    public void done() {
      console.flush();
    }
  }

  /** Written element by element, so that a long list needs no memory. */
  private static final class JsonArray implements Records {
    private final Console console;
    private boolean empty = true;

    JsonArray(Console console) {
      this.console = console;
    }

    @Override
    public void add(Fields fields) {
      console.print(empty ? "[\n  " : ",\n  ");
      console.print(Json.pretty(fields).replace("\n", "\n  "));
      empty = false;
    }

    @Override
    public void done() {
      console.println(empty ? "[]" : "\n]");
      console.flush();
    }
  }
}
