// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tests that {@code docs/interop.md} names are the ones there are, no more and no fewer. */
class InteropPageTest {
  private static final Path PAGE = Path.of("../docs/interop.md");
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test#\\w+)`");

  private static final List<Class<?>> CLASSES =
      List.of(
          KubeMqToEventhubTest.class,
          EventhubToKubeMqTest.class,
          LogToEventsTest.class,
          NamesAcrossTest.class,
          ResumeAcrossTest.class,
          SendersAcrossTest.class,
          ConnmixAcrossTest.class,
          ConnmixClientsAcrossTest.class);

  @Test
  void shouldNameTheTestsThatThereAre() throws Exception {
    // given
    Set<String> named =
        NAMED
            .matcher(Files.readString(PAGE))
            .results()
            .map(each -> each.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    // when
    Set<String> there = new TreeSet<>();
    for (Class<?> each : CLASSES) {
      tests(each).forEach(method -> there.add(each.getSimpleName() + "#" + method.getName()));
    }

    // then
    assertThat(named).isEqualTo(there);
  }

  private static List<Method> tests(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().startsWith("should"))
        .toList();
  }
}
