// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.spi.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever happens to a file of the store: each acknowledged message is delivered as it was sent,
 * or reported as lost with its channel, and no other bytes are ever delivered.
 *
 * <p>{@code -Ddragoman.full=true} tries thousands of cases; {@code -Ddragoman.damage.seed=N}
 * chooses others.
 */
final class DamageTest {
  private static final boolean FULL = Boolean.getBoolean("dragoman.full");
  private static final long SEED = Long.getLong("dragoman.damage.seed", 20260101);
  private static final int PAGE = 4096;

  private enum Kind {
    FLIP,
    TRUNCATE,
    ZERO_PAGE,
    OLDER_COPY,
    MISSING
  }

  /** What became of a case. */
  private enum Verdict {
    /** Started; all was there. */
    INTACT,
    /** Started; what is missing was named by the doctor. */
    REPORTED,
    /** Refused to start; after the repair all was there. */
    MENDED,
    /** Refused to start; after the repair what is missing was named. */
    REFUSED_AND_REPORTED
  }

  private record Case(Path file, Kind kind, long at) {
    @Override
    public String toString() {
      return kind + " " + file + " at " + at;
    }
  }

  @TempDir private static Path root;
  private static StoreFixture fixture;
  private static Path original;
  private static Path beforeTail;
  private static final Map<String, Set<String>> promised = new TreeMap<>();
  private static final List<Path> OLDER = new ArrayList<>();

  @BeforeAll
  static void makeStore() throws Exception {
    Path data = root.resolve("data");
    fixture = new StoreFixture(data, SEED);
    fixture.open();
    fixture.work(12);
    for (int i = 0; i < 5; i++) {
      fixture.send("gone", io.dragoman.core.QueuePolicy.NONE);
    }
    keepOlder(data);
    fixture.close();
    keepOlder(data);
    fixture.open();
    fixture.work(25);
    keepOlder(data);
    fixture.work(12);
    Awaitility.await().until(() -> fixture.manifestTakenDown());
    keepOlder(data);
    fixture.append("audit");
    fixture.send("orders", io.dragoman.core.QueuePolicy.NONE);
    changeChannels();
    beforeTail = root.resolve("before-tail");
    StoreFixture.copy(data, beforeTail);
    fixture.expected.forEach((channel, bodies) -> promised.put(channel, new HashSet<>(bodies)));
    for (int i = 0; i < 10; i++) {
      fixture.send("orders", io.dragoman.core.QueuePolicy.NONE);
      fixture.append("audit");
      fixture.setKey("tail/" + i);
    }
    // As a killed process leaves it: nothing of it is closed or flushed.
    original = root.resolve("original");
    StoreFixture.copy(data, original);
    fixture.close();
  }

  // What only the log says.
  private static void changeChannels() {
    for (int i = 0; i < 4; i++) {
      fixture.send("late", io.dragoman.core.QueuePolicy.NONE);
      fixture.append("later");
    }
    fixture.deleteQueue("gone");
  }

  private static void keepOlder(Path data) throws IOException {
    Path older = root.resolve("older-" + OLDER.size());
    StoreFixture.copy(data, older);
    OLDER.add(older);
  }

  @Test
  void shouldDeliverAllOfAnUndamagedStore() throws Exception {
    // given
    Path copy = copyOfOriginal("sound");

    // when
    StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(copy), false);
    StoreFixture.Contents contents = fixture.read(copy);

    // then
    assertThat(report.damage()).isEmpty();
    assertThat(report.losses()).isEmpty();
    assertThat(missing(contents)).isEmpty();
    assertThat(extra(contents)).isEmpty();
    assertThat(contents.refused()).isEmpty();
    assertThat(report.messages())
        .isEqualTo(
            contents.bodies().values().stream().mapToLong(List::size).sum()
                - contents.bodies().get("keys").size());
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void shouldLoseNoAcknowledgedMessageWithoutAReport() throws Exception {
    Map<String, Map<Verdict, Integer>> table = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    int cases = 0;
    for (Case each : cases()) {
      Path copy = copyOfOriginal("case");
      if (!apply(copy, each)) {
        continue;
      }
      cases++;
      try {
        Verdict verdict = judge(copy);
        table
            .computeIfAbsent(type(each.file) + " " + each.kind, key -> new TreeMap<>())
            .merge(verdict, 1, Integer::sum);
      } catch (AssertionError | Exception e) {
        String text = e.toString().replace("\n", " ");
        failures.add(each + ": " + text.substring(0, Math.min(600, text.length())));
      }
    }
    String summary = "seed " + SEED + ", " + cases + " cases\n" + text(table);
    Files.writeString(Path.of("target", "damage.txt"), summary + String.join("\n", failures));
    assertThat(failures).as(summary).isEmpty();
  }

  private enum Torn {
    ZEROS,
    GARBAGE,
    ZEROS_THEN_SOUND,
    SOUND_THEN_GARBAGE,
    HALF,
    FLIPPED
  }

  // What a power cut leaves of changes that were written and not yet synced: the account is of
  // before them.
  @ParameterizedTest
  @EnumSource(Torn.class)
  void shouldStartWithoutComplaintWhenOnlyWhatWasNeverAcknowledgedIsTorn(Torn torn)
      throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < (FULL ? 100 : 6); i++) {
      // given
      Path copy = root.resolve("torn");
      StoreFixture.delete(copy);
      StoreFixture.copy(beforeTail, copy);
      Path log = StoreCheck.logs(copy.resolve("store")).get(0);
      byte[] whole = Files.readAllBytes(original.resolve("store").resolve(log.getFileName()));
      int from = (int) Files.size(log);
      assertThat(whole.length).isGreaterThan(from);
      Files.write(log, tear(whole, from, torn, random));

      // when
      StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(copy), false);
      StoreFixture.Contents contents = fixture.read(copy);

      // then
      assertThat(report.damage()).isEmpty();
      assertThat(report.losses()).isEmpty();
      assertThat(contents.refused()).isEmpty();
      assertThat(changed(contents)).isEmpty();
      promised.forEach(
          (channel, bodies) ->
              assertThat(contents.bodies().get(channel)).as(channel).containsAll(bodies));
    }
  }

  @Test
  void shouldStartWhenTheEndOfTheManifestIsTorn() throws Exception {
    // given
    Path copy = copyOfOriginal("torn-manifest");
    Path manifest = java.util.Objects.requireNonNull(StoreCheck.manifest(copy.resolve("store")));
    byte[] garbage = new byte[100];
    new Random(SEED).nextBytes(garbage);
    Files.write(manifest, garbage, StandardOpenOption.APPEND);

    // when
    StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(copy), false);
    StoreFixture.Contents contents = fixture.read(copy);

    // then
    assertThat(report.sound()).isTrue();
    assertThat(report.notes()).singleElement().asString().contains("MANIFEST", "torn end");
    assertThat(missing(contents)).isEmpty();
    assertThat(extra(contents)).isEmpty();
  }

  @Test
  void shouldNameAllChannelsWhenNothingSaysWhatTheStoreConsistsOf() throws Exception {
    // given
    Path copy = copyOfOriginal("no-manifest");
    Files.delete(java.util.Objects.requireNonNull(StoreCheck.manifest(copy.resolve("store"))));
    Files.delete(copy.resolve("manifest"));

    // when
    StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(copy), true);

    // then
    assertThat(report.aside()).isNull();
    assertThat(report.damage()).anyMatch(damage -> damage.contains("restore a backup"));
    fixture.expected.forEach(
        (channel, bodies) ->
            assertThat(report.losses())
                .anyMatch(
                    loss ->
                        StoreFixture.key(loss).equals(channel)
                            && loss.messages() == bodies.size()));
  }

  private static byte[] tear(byte[] whole, int from, Torn torn, Random random) {
    byte[] tail = java.util.Arrays.copyOfRange(whole, from, whole.length);
    int at = random.nextInt(1, tail.length);
    byte[] garbage = new byte[tail.length];
    random.nextBytes(garbage);
    switch (torn) {
      case ZEROS -> java.util.Arrays.fill(tail, (byte) 0);
      case GARBAGE -> tail = garbage;
      case ZEROS_THEN_SOUND -> java.util.Arrays.fill(tail, 0, at, (byte) 0);
      case SOUND_THEN_GARBAGE -> System.arraycopy(garbage, at, tail, at, tail.length - at);
      case HALF -> tail = java.util.Arrays.copyOf(tail, at);
      case FLIPPED -> tail[at] ^= 8;
      default -> throw new IllegalStateException();
    }
    byte[] result = java.util.Arrays.copyOf(whole, from + tail.length);
    System.arraycopy(tail, 0, result, from, tail.length);
    return result;
  }

  private static String text(Map<String, Map<Verdict, Integer>> table) {
    StringBuilder text = new StringBuilder();
    table.forEach((what, verdicts) -> text.append(what).append(' ').append(verdicts).append('\n'));
    return text.toString();
  }

  private static String type(Path file) {
    return String.valueOf(file).replaceAll("\\d{4,}", "N");
  }

  private static List<Case> cases() throws IOException {
    Random random = new Random(SEED);
    List<Case> cases = new ArrayList<>();
    for (Path file : files(original)) {
      long size = Files.size(original.resolve(file));
      int flips = count(size, FULL ? 60 : 5);
      for (int i = 0; i < flips; i++) {
        cases.add(new Case(file, Kind.FLIP, written(file, random, i % 4 != 0)));
      }
      for (int i = 0; i < count(size, FULL ? 30 : 3); i++) {
        cases.add(new Case(file, Kind.TRUNCATE, i == 0 ? 0 : position(random, size)));
      }
      for (int i = 0; i < count(size / PAGE + 1, FULL ? 25 : 3); i++) {
        cases.add(new Case(file, Kind.ZERO_PAGE, position(random, size) / PAGE * PAGE));
      }
      for (int i = 0; i < OLDER.size(); i++) {
        cases.add(new Case(file, Kind.OLDER_COPY, i));
      }
      cases.add(new Case(file, Kind.MISSING, 0));
    }
    return cases;
  }

  // Mostly where something is written, and not in room set aside.
  private static long written(Path file, Random random, boolean must) throws IOException {
    byte[] bytes = Files.readAllBytes(original.resolve(file));
    for (int i = 0; i < 1000; i++) {
      int at = random.nextInt(bytes.length);
      if (!must || bytes[at] != 0) {
        return at;
      }
    }
    return 0;
  }

  private static int count(long size, int most) {
    return (int) Math.min(size, most);
  }

  private static long position(Random random, long size) {
    return size == 0 ? 0 : random.nextLong(size);
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).map(directory::relativize).sorted().toList();
    }
  }

  // False when it would change nothing.
  private static boolean apply(Path copy, Case each) throws IOException {
    Path file = copy.resolve(each.file.toString());
    byte[] before = Files.readAllBytes(file);
    byte[] after = before.clone();
    int at = (int) each.at;
    switch (each.kind) {
      case FLIP -> after[at] ^= (byte) (1 << at % 8);
      case TRUNCATE -> after = java.util.Arrays.copyOf(before, at);
      case ZERO_PAGE ->
          java.util.Arrays.fill(after, at, Math.min(before.length, at + PAGE), (byte) 0);
      case OLDER_COPY -> {
        Path older = OLDER.get(at).resolve(each.file.toString());
        after = Files.exists(older) ? Files.readAllBytes(older) : before;
      }
      case MISSING -> {
        Files.delete(file);
        return true;
      }
      default -> throw new IllegalStateException();
    }
    Files.write(file, after);
    return !java.util.Arrays.equals(before, after);
  }

  private static Verdict judge(Path copy) throws Exception {
    StoreFixture.Contents first = null;
    try {
      first = fixture.read(copy);
    } catch (EngineException e) {
      assertThat(e).hasMessageContaining("doctor");
    }
    if (first != null) {
      assertThat(changed(first)).as("delivered and never sent").isEmpty();
      if (missing(first).isEmpty() && first.refused().isEmpty() && first.positions()) {
        assertThat(extra(first)).as("delivered though consumed, without a word").isEmpty();
        return Verdict.INTACT;
      }
    }
    StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(copy), true);
    assertThat(report.sound()).as("the doctor finds nothing").isFalse();
    assertThat(report.aside()).as("nothing repaired: %s", report).isNotNull();
    StoreFixture.Contents second = fixture.read(copy);
    assertThat(changed(second)).as("delivered and never sent").isEmpty();
    assertThat(second.refused()).as("refused after the repair").isEmpty();
    StoreDoctor.Report again = StoreDoctor.examine(StoreFixture.options(copy), false);
    assertThat(again.sound()).as("damaged after the repair: %s", again).isTrue();
    Map<String, Long> reported = new HashMap<>();
    report
        .losses()
        .forEach(loss -> reported.merge(StoreFixture.key(loss), loss.messages(), Long::sum));
    Map<String, Integer> missing = missing(second);
    fixture.held.forEach(
        (channel, held) -> {
          long lost = missing.getOrDefault(channel, 0);
          // Whether a lost message had been consumed can often not be known.
          long most = fixture.consumed.contains(channel) ? held : lost;
          assertThat(reported.getOrDefault(channel, 0L))
              .as("lost of %s; reported: %s %s", channel, report.damage(), report.losses())
              .isBetween(lost, most);
        });
    assertThat(fixture.held.keySet()).as("channels").containsAll(reported.keySet());
    if (!extra(second).isEmpty()) {
      assertThat(report.losses())
          .as("consumed messages come again, without a word")
          .anyMatch(
              loss -> loss.what().contains("again") || loss.what().contains("as they were before"));
    }
    if (!second.positions()) {
      assertThat(report.losses()).anyMatch(loss -> loss.what().contains("positions"));
    }
    if (first == null) {
      return missing.isEmpty() ? Verdict.MENDED : Verdict.REFUSED_AND_REPORTED;
    }
    return missing.isEmpty() ? Verdict.MENDED : Verdict.REPORTED;
  }

  private static Map<String, Integer> missing(StoreFixture.Contents contents) {
    Map<String, Integer> missing = new TreeMap<>();
    fixture.expected.forEach(
        (channel, bodies) -> {
          Set<String> left = new HashSet<>(bodies);
          contents.bodies().getOrDefault(channel, List.of()).forEach(left::remove);
          if (!left.isEmpty()) {
            missing.put(channel, left.size());
          }
        });
    return missing;
  }

  // What was consumed, moved away, or came twice.
  private static List<String> extra(StoreFixture.Contents contents) {
    List<String> extra = new ArrayList<>();
    contents
        .bodies()
        .forEach(
            (channel, bodies) -> {
              Set<String> expected =
                  new HashSet<>(fixture.expected.getOrDefault(channel, Set.of()));
              bodies.stream()
                  .filter(body -> !expected.remove(body))
                  .forEach(body -> extra.add(channel + " " + body.substring(0, 8)));
            });
    return extra;
  }

  private static List<String> changed(StoreFixture.Contents contents) {
    return contents.bodies().values().stream()
        .flatMap(List::stream)
        .filter(body -> !fixture.sent.contains(body))
        .toList();
  }

  private static Path copyOfOriginal(String name) throws IOException {
    Path copy = root.resolve(name);
    StoreFixture.delete(copy);
    StoreFixture.copy(original, copy);
    return copy;
  }
}
