// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.spi.EngineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Repairs that are interrupted or fail, and what a doctor that was killed leaves. */
final class DoctorRepairTest extends DoctorSuite {
  private enum Interrupted {
    BEFORE_THE_NEW_STORE_IS_IN_PLACE,
    BEFORE_THE_TALLY_IS_MOVED,
    BEFORE_THE_MANIFEST_IS_MOVED
  }

  @ParameterizedTest
  @EnumSource(Interrupted.class)
  void shouldGoOnWithAnInterruptedRepair(Interrupted interrupted) throws Exception {
    // given
    interruptedRepair(interrupted);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.sound()).as(report.toString()).isTrue();
    reopen();
    assertThat(received("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
  }

  @ParameterizedTest
  @EnumSource(Interrupted.class)
  void shouldNotStartAfreshAfterAnInterruptedRepair(Interrupted interrupted) throws Exception {
    // given
    interruptedRepair(interrupted);

    // when
    if (interrupted == Interrupted.BEFORE_THE_NEW_STORE_IS_IN_PLACE) {
      assertThat(refusal()).contains("interrupted", "dragoman doctor --repair");
      repair();
    }
    reopen();

    // then
    assertThat(received("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
    close();
    assertThat(StoreDoctor.examine(options(copy), false).sound()).isTrue();
  }

  private void interruptedRepair(Interrupted interrupted) throws Exception {
    send("a", 5);
    kill();
    flip(log(), 20);
    Path aside = java.util.Objects.requireNonNull(repair().aside());
    Path store = copy.resolve("store");
    Files.writeString(store.resolve("REPAIRED"), aside.getFileName() + "\n");
    Path manifest = aside.resolve("manifest");
    if (Files.exists(manifest)) {
      Files.move(manifest, copy.resolve("manifest"));
    }
    if (interrupted != Interrupted.BEFORE_THE_MANIFEST_IS_MOVED) {
      Files.move(aside.resolve("tally"), copy.resolve("tally"));
    }
    if (interrupted == Interrupted.BEFORE_THE_NEW_STORE_IS_IN_PLACE) {
      Files.move(store, copy.resolve("store.new"));
    }
  }

  @Test
  void shouldNotReplaceAStoreByOneThatCannotBeFlushed() throws Exception {
    // given
    send("a", 5);
    kill();
    flip(log(), 20);
    Path log = log();
    byte[] damaged = Files.readAllBytes(log);

    // when
    StoreDoctor.Opener withoutTables =
        (path, options) -> {
          Store store = Store.open(path, options);
          for (int i = 1; i < 100; i++) {
            // What a table would be called.
            Files.createDirectory(path.resolve(String.format("%06d.sst", i)));
          }
          return store;
        };

    // then
    assertThatThrownBy(() -> StoreDoctor.examine(options(copy), true, withoutTables))
        .isInstanceOf(EngineException.class);
    assertThat(Files.readAllBytes(log)).isEqualTo(damaged);
    assertThat(copy.resolve("tally")).exists();
    try (Stream<Path> files = Files.list(copy)) {
      assertThat(files).noneMatch(file -> file.toString().contains("damaged-"));
    }
  }

  @Test
  void shouldRemoveWhatAKilledDoctorLeftBehind() throws Exception {
    // given
    send("a", 1);
    kill();
    Files.createDirectory(copy.resolve("doctor.work"));
    Files.writeString(copy.resolve("doctor.work").resolve("000001.sst"), "link");

    // when
    reopen();

    // then
    assertThat(copy.resolve("doctor.work")).doesNotExist();
    assertThat(received("a")).containsExactly("a 1");
  }
}
