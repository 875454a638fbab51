// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ConfigDocsTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");

  @Test
  void shouldBeTheSameAsThePageInTheRepository() throws Exception {
    assertThat(Files.readString(PAGE))
        .as(
            "docs/configuration.md is not what the catalogue of settings says."
                + " Run: bin/dragoman config docs > docs/configuration.md")
        .isEqualTo(ConfigDocs.markdown());
  }

  @Test
  void shouldHaveAPlaceForEverySetting() {
    assertThat(ConfigDocs.homeless()).isEmpty();
  }

  @Test
  void shouldTellThoseWhoComeFromKubeMqOfSettingsThatExist() throws Exception {
    // given
    Set<String> keys = Settings.all().stream().map(Setting::key).collect(Collectors.toSet());
    Map<String, String> rows = kubeMqVariables();
    assertThat(rows).hasSizeGreaterThan(15);

    // when, then
    rows.forEach(
        (variables, settings) -> {
          for (String key : quoted(settings, "[a-z]+\\.[a-zA-Z.]+")) {
            assertThat(keys).as(variables).contains(key);
          }
          for (String variable : quoted(variables, "[A-Z]+_[A-Z_]+")) {
            // Others use this one too: its being there means nothing.
            if (!variable.equals("LOG_LEVEL")) {
              assertThat(ForeignVariables.describe(Map.of(variable, "x"))).as(variable).hasSize(1);
            }
          }
        });
  }

  /** The rows of the page's first table. */
  private static Map<String, String> kubeMqVariables() throws Exception {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/from-kubemq.md"))) {
      if (line.startsWith("## What is the same")) {
        break;
      }
      if (line.startsWith("| `")) {
        String[] cells = line.split(" \\| ", 2);
        rows.put(cells[0], cells[1]);
      }
    }
    return rows;
  }

  private static List<String> quoted(String cell, String what) {
    return Pattern.compile("`(" + what + ")`")
        .matcher(cell)
        .results()
        .map(result -> result.group(1))
        .toList();
  }

  @Test
  void shouldShowDefaultsThatAreTheDefaults() throws Exception {
    // when
    ServerConfig shown = new ConfigLoader().yaml(ConfigPrinter.defaults(), "f").load().config();

    // then
    assertThat(shown)
        .usingRecursiveComparison()
        .ignoringFields("listeners")
        .isEqualTo(new ConfigLoader().load().config());
  }
}
