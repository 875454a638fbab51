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

  private RoutedSend routed(Caller caller, QueueSend send, Kind own) {
    Message message = send.message();
    if (message.clientId().isEmpty()) {
      return RoutedSend.refused(context, message, KubemqError.CLIENT_ID_EMPTY.text());
    }
    Set<Destination> destinations = new LinkedHashSet<>();
    try {
      add(RoutePart.list(message.channel()), own, destinations);
    } catch (BadInputException e) {
      return RoutedSend.refused(context, message, e.text());
    }
    return RoutedSend.to(context, caller, send, List.copyOf(destinations));
  }

  /** One that is there twice gets the message once. */
  private void add(List<RoutePart> parts, Kind own, Set<Destination> destinations)
      throws BadInputException {
    for (RoutePart part : parts) {
      if (part.type() == RoutePart.Type.ROUTES) {
        List<RoutePart> route = table.get().find(part.name());
        if (route == null) {
          throw new BadInputException("invalid channel value, there is no route " + part.name());
        }
        add(route, own, destinations);
      } else {
        Kind kind = part.type().kind();
        destinations.add(new Destination(kind == null ? own : kind, part.name()));
      }
      if (destinations.size() > DESTINATIONS_MAX) {
        throw new BadInputException(
            "invalid channel value, it leads to more than " + DESTINATIONS_MAX + " channels");
      }
    }
  }
}
