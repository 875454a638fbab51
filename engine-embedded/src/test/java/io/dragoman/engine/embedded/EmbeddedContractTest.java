// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.Durability;
import io.dragoman.testkit.BacklogContract;
import io.dragoman.testkit.ChannelContract;
import io.dragoman.testkit.CommitContract;
import io.dragoman.testkit.CrashContract;
import io.dragoman.testkit.DeadLetterContract;
import io.dragoman.testkit.DelayContract;
import io.dragoman.testkit.EventTransportContract;
import io.dragoman.testkit.ExpiryContract;
import io.dragoman.testkit.KeyValueContract;
import io.dragoman.testkit.LeaseContract;
import io.dragoman.testkit.LifecycleContract;
import io.dragoman.testkit.LogContract;
import io.dragoman.testkit.LogExpiryContract;
import io.dragoman.testkit.LogFeedContract;
import io.dragoman.testkit.LogHistoryContract;
import io.dragoman.testkit.LogRetentionContract;
import io.dragoman.testkit.LogStartContract;
import io.dragoman.testkit.LogTailContract;
import io.dragoman.testkit.PeekContract;
import io.dragoman.testkit.PositionContract;
import io.dragoman.testkit.QueueContract;
import io.dragoman.testkit.QueueInfoContract;
import io.dragoman.testkit.QueueManagementContract;
import io.dragoman.testkit.QueueSettlementContract;
import io.dragoman.testkit.QueueWaitContract;
import io.dragoman.testkit.RequestTransportContract;
import io.dragoman.testkit.RestartContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The embedded engine keeps the contract of engines, with each durability. */
final class EmbeddedContractTest {

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Sending extends QueueContract {
    Sending(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Waiting extends QueueWaitContract {
    Waiting(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Settling extends QueueSettlementContract {
    Settling(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Leases extends LeaseContract {
    Leases(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class QueueManagement extends QueueManagementContract {
    QueueManagement(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class DeadLetters extends DeadLetterContract {
    DeadLetters(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Delays extends DelayContract {
    Delays(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Expiry extends ExpiryContract {
    Expiry(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Peeking extends PeekContract {
    Peeking(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Figures extends QueueInfoContract {
    Figures(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Backlog extends BacklogContract {
    Backlog(Durability durability) {
      super(new EmbeddedFixture(EmbeddedFixture.SMALL), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Appending extends LogContract {
    Appending(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Starts extends LogStartContract {
    Starts(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Tails extends LogTailContract {
    Tails(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Histories extends LogHistoryContract {
    Histories(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Lifetimes extends LogExpiryContract {
    Lifetimes(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Feeds extends LogFeedContract {
    Feeds(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Retention extends LogRetentionContract {
    Retention(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Positions extends PositionContract {
    Positions(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Channels extends ChannelContract {
    Channels(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Commits extends CommitContract {
    Commits(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class KeyValues extends KeyValueContract {
    KeyValues(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Restarts extends RestartContract {
    Restarts(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Crashes extends CrashContract {
    Crashes(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class Lifecycle extends LifecycleContract {
    Lifecycle(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class EventLoopback extends EventTransportContract {
    EventLoopback(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }

  @Nested
  @ParameterizedClass
  @EnumSource(Durability.class)
  class RequestLoopback extends RequestTransportContract {
    RequestLoopback(Durability durability) {
      super(new EmbeddedFixture(), durability);
    }
  }
}
