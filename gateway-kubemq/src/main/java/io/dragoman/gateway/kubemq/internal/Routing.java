// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Dispatch.Destination;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages whose channel is not a name but a list: several channels of any kinds that keep or pass
 * on messages, or keys of the route table (spec: kubemq §5.5). Safe from any thread.
 */
final class Routing {
  /** What one message may cost is bounded, whatever a client writes into its channel. */
  private static final int DESTINATIONS_MAX = 256;

  /** The same for what is looked through for that: parts, and the parts of routes they name. */
  private static final int VISITS_MAX = 4096;

  /** For the messages of one batch together: they are short, and may be many. */
  static final int BATCH_VISITS_MAX = 1 << 16;

  private final GatewayContext context;
  private final Supplier<RouteTable> table;

  Routing(GatewayContext context, Supplier<RouteTable> table) {
    this.context = context;
    this.table = table;
  }

  /** How an event is sent; null for nearly all, which go to the channel they name. */
  @Nullable RoutedSend event(Caller caller, Inputs.Event event) {
    if (!RoutePart.isList(event.message().channel())) {
      return null;
    }
    // Without a policy of its own, a queue's limits hold as for any message.
    QueueSend asQueued = new QueueSend(event.message(), QueuePolicy.NONE);
    return routed(caller, asQueued, EventRules.kind(event));
  }

  /** The same for a queue message, whose policy is for the queues among its destinations. */
  @Nullable RoutedSend queueMessage(Caller caller, QueueSend send) {
    return RoutePart.isList(send.message().channel()) ? routed(caller, send, Kind.QUEUE) : null;
  }

  /**
   * The same for one of a batch.
   *
   * @param visitsLeft what others have left of {@link #BATCH_VISITS_MAX}
   */
  @Nullable RoutedSend ofBatch(Caller caller, QueueSend send, int visitsLeft) {
    if (visitsLeft > 0 || !RoutePart.isList(send.message().channel())) {
      return queueMessage(caller, send);
    }
    return RoutedSend.refused(
        context, send.message(), "the messages of the batch lead to too many channels", 0);
  }

  private RoutedSend routed(Caller caller, QueueSend send, Kind own) {
    Message message = send.message();
    if (message.clientId().isEmpty()) {
      return RoutedSend.refused(context, message, KubemqError.CLIENT_ID_EMPTY.text(), 0);
    }
    Expansion expansion = new Expansion(own);
    try {
      expansion.follow(RoutePart.list(message.channel()));
    } catch (BadInputException e) {
      return RoutedSend.refused(context, message, e.text(), expansion.visits);
    }
    return RoutedSend.to(
        context, caller, send, List.copyOf(expansion.destinations), expansion.visits);
  }

  /** Where a list leads. */
  private final class Expansion {
    private final Kind own;

    /** One that is there twice gets the message once. */
    private final Set<Destination> destinations = new LinkedHashSet<>();

    private int visits;

    Expansion(Kind own) {
      this.own = own;
    }

    void follow(List<RoutePart> parts) throws BadInputException {
      for (RoutePart part : parts) {
        if (part.type() == RoutePart.Type.ROUTES) {
          visit(route(part.name()));
        } else {
          visit(part);
        }
      }
    }

    private List<RoutePart> route(String key) throws BadInputException {
      List<RoutePart> route = table.get().find(key);
      if (route == null) {
        throw new BadInputException(
            "invalid channel value, there is no route " + RoutePart.shown(key));
      }
      return route;
    }

    private void visit(List<RoutePart> route) throws BadInputException {
      for (RoutePart each : route) {
        visit(each);
      }
    }

    private void visit(RoutePart part) throws BadInputException {
      if (++visits > VISITS_MAX) {
        throw new BadInputException(
            "invalid channel value, its routes have more than " + VISITS_MAX + " parts");
      }
      Kind kind = part.type().kind();
      destinations.add(new Destination(kind == null ? own : kind, part.name()));
      if (destinations.size() > DESTINATIONS_MAX) {
        throw new BadInputException(
            "invalid channel value, it leads to more than " + DESTINATIONS_MAX + " channels");
      }
    }
  }
}
