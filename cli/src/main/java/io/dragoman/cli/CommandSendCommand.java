// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.kubemq.protocol.Request.RequestType;
import picocli.CommandLine.Command;

/** Sends a command. */
@Command(name = "send", aliases = "s")
final class CommandSendCommand extends RequestSendCommand {
  CommandSendCommand(Console console) {
    super(console, RequestType.Command);
  }
}
