// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import java.util.List;
import picocli.CommandLine;

/** {@code dragoman events} and {@code dragoman events-store}. */
final class EventCommands {
  private EventCommands() {}

  static CommandLine events(Console console) {
    return CommandTree.group(
        "events",
        List.of("e", "ev", "event"),
        "Events: to everyone who listens now; kept by nobody.",
        List.of(
            "dragoman events receive 'news.*'",
            "dragoman events send news.local 'it rains'",
            "dragoman events attach news.local"),
        List.of(
            CommandTree.described(
                new EventSendCommand(console, false),
                "Send an event to everyone who is subscribed now.",
                "dragoman events send news.local 'it rains'",
                "dragoman events send news.local @picture.png --metadata image/png",
                "tail -f app.log | dragoman events send logs.app - --lines"),
            CommandTree.described(
                new EventReceiveCommand(console),
                "Show events as they come, until Ctrl-C. * is one word of a name, > the rest of"
                    + " it.",
                "dragoman events receive 'news.*'",
                "dragoman events receive orders.created --group billing",
                "dragoman events receive 'news.>' --count 1 --quiet"),
            CommandTree.described(
                new AttachCommand(console, "events"),
                "Watch what passes through channels without being a subscriber.",
                "dragoman events attach 'news.*'",
                "dragoman events attach a b --include berlin --exclude test")));
  }

  static CommandLine eventsStore(Console console) {
    return CommandTree.group(
        "events-store",
        List.of("events_store", "es"),
        "Events store: events that are kept, in order, and can be read again.",
        List.of(
            "dragoman events-store send news 'it rains'",
            "dragoman events-store receive news --start-first",
            "dragoman events-store list"),
        List.of(
            CommandTree.described(
                new EventSendCommand(console, true),
                "Store an event. What was answered as sent is on the broker's disk.",
                "dragoman events-store send news 'it rains'",
                "dragoman events-store send news - --lines < headlines.txt"),
            CommandTree.described(
                new LogReceiveCommand(console),
                "Show stored events from a position on, then new ones as they come, until Ctrl-C. A"
                    + " client id (or group) that was here before goes on where it stopped.",
                "dragoman events-store receive news --start-first",
                "dragoman events-store receive news --start-sequence 100 --count 20",
                "dragoman events-store receive news --start-duration 1h",
                "dragoman events-store receive news --client-id archive --start-first"),
            CommandTree.described(
                new AttachCommand(console, "events_store"),
                "Watch what passes through channels without being a subscriber.",
                "dragoman events-store attach news"),
            CommandTree.described(
                new LogListCommand(console),
                "Show the channels of the events store and how much is in them.",
                "dragoman events-store list",
                "dragoman events-store list --filter news --output json")));
  }
}
