// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.server.internal.SettingType.InvalidValueException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.composer.ComposerException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads the file that {@code connmix.access.file} names: a list as {@code users} has it. */
public final class ConnmixAccountsFile {

  private ConnmixAccountsFile() {}

  /**
   * The accounts in its text.
   *
   * @param file for messages
   * @throws IllegalArgumentException if there is a fault; the message names all, with their lines,
   *     and no password
   */
  public static List<ConnmixAccount> parse(Path file, String text) {
    List<String> problems = new ArrayList<>();
    List<ConnmixAccount> accounts = List.of();
    ConnmixAccountsType type = new ConnmixAccountsType();
    try {
      Node root = YamlText.compose(text);
      if (root == null) {
        problems.add(file + ": takes " + type.form() + "; [] lets nobody in");
      } else {
        accounts = type.parse(root, (at, message) -> problems.add(file + ":" + line(at) + message));
      }
    } catch (InvalidValueException e) {
      problems.add(file + ": " + e.getMessage());
    } catch (ComposerException e) {
      // It tells the name of an alias, which is a password that was not quoted.
      problems.add(file + ": not YAML: an alias stands for nothing; quote what begins with *");
    } catch (YAMLException e) {
      problems.add(file + ": not YAML: " + YamlText.problem(e));
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return accounts;
  }

  private static String line(Node at) {
    return (at.getStartMark().getLine() + 1) + ": ";
  }
}
