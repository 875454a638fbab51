// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.kubemq.protocol.Request.RequestType;
import java.util.List;
import picocli.CommandLine;

/** {@code dragoman commands} and {@code dragoman queries}. */
final class RequestCommands {
  private RequestCommands() {}

  static CommandLine commands(Console console) {
    return CommandTree.group(
        "commands",
        List.of("cmd", "command"),
        "Commands: one request, one answer: done or not.",
        List.of(
            "dragoman commands receive doors --auto-response",
            "dragoman commands send doors open",
            "dragoman commands attach doors"),
        of(console, RequestType.Command, "command", "commands"));
  }

  static CommandLine queries(Console console) {
    return CommandTree.group(
        "queries",
        List.of("query", "qry"),
        "Queries: one request, one answer with content, which the broker can keep for a while.",
        List.of(
            "dragoman queries receive prices --reply '{\"eur\":12}'",
            "dragoman queries send prices apples",
            "dragoman queries attach prices"),
        of(console, RequestType.Query, "query", "queries"));
  }

  private static List<CommandLine> of(Console console, RequestType type, String one, String many) {
    String send = "dragoman " + many + " send ";
    String receive = "dragoman " + many + " receive ";
    return List.of(
        CommandTree.described(
            type == RequestType.Query
                ? new QuerySendCommand(console)
                : new CommandSendCommand(console),
            "Send a " + one + " and wait for its answer. Fails when it was not executed.",
            send + "doors open",
            send + "doors open -o 5 --metadata front",
            type == RequestType.Query
                ? send + "prices apples --cache-key apples --cache-duration 10m"
                : send + "doors - < order.json"),
        CommandTree.described(
            new RequestReceiveCommand(console, type),
            "Show each "
                + one
                + " that comes and answer it, until Ctrl-C. Without an answer among the options it"
                + " is asked for at a terminal; otherwise each line of standard input is one.",
            receive + "doors --auto-response",
            receive + "'doors.*' --group porters --reply done",
            receive + "doors --reject 'nobody is here' --count 1",
            "./answers.sh | " + receive + "doors"),
        CommandTree.described(
            new AttachCommand(console, many),
            "Watch what passes through channels, with the answers, without answering.",
            "dragoman " + many + " attach doors"));
  }
}
