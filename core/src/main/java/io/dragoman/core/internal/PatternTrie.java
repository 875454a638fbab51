// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelFilter.Syntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of one syntax, by their tokens. Matching costs by the tokens of the channel and not by
 * the number of patterns.
 *
 * <p>Changes come one at a time (the index's lock); matching may run beside a change and then sees
 * it or not.
 *
 * @param <V> what is kept for a pattern
 */
final class PatternTrie<V> {
  private static final class Node<V> {
    final Map<String, Node<V>> children = new ConcurrentHashMap<>(2);

    /** Below a wildcard for one token. */
    volatile @Nullable Node<V> one;

    /** Kept for the pattern that ends here. */
    volatile @Nullable V here;

    /** Kept for the pattern that ends here with the wildcard for the rest. */
    volatile @Nullable V rest;

    boolean isEmpty() {
      return children.isEmpty() && one == null && here == null && rest == null;
    }
  }

  private final Syntax syntax;
  private final Node<V> root = new Node<>();

  PatternTrie(Syntax syntax) {
    this.syntax = syntax;
  }

  /** What is kept for this pattern, made if need be. */
  V at(String pattern, Supplier<V> maker) {
    List<String> tokens = split(pattern);
    boolean forRest = endsWithRest(tokens);
    Node<V> node = root;
    for (String token : forRest ? tokens.subList(0, tokens.size() - 1) : tokens) {
      node = childMade(node, token);
    }
    V found = forRest ? node.rest : node.here;
    if (found != null) {
      return found;
    }
    V made = maker.get();
    if (forRest) {
      node.rest = made;
    } else {
      node.here = made;
    }
    return made;
  }

  /** What is kept for this pattern; null if nothing is. */
  @Nullable V get(String pattern) {
    List<String> tokens = split(pattern);
    boolean forRest = endsWithRest(tokens);
    Node<V> node = root;
    for (String token : forRest ? tokens.subList(0, tokens.size() - 1) : tokens) {
      node = child(node, token);
      if (node == null) {
        return null;
      }
    }
    return forRest ? node.rest : node.here;
  }

  /** Forgets a pattern, and the nodes that only it used. */
  void remove(String pattern) {
    remove(root, split(pattern), 0);
  }

  /** Gives everything kept for patterns that match the channel. */
  void match(String channel, Consumer<V> found) {
    if (!root.isEmpty()) {
      match(root, split(channel), 0, found);
    }
  }

  private void match(Node<V> node, List<String> tokens, int at, Consumer<V> found) {
    boolean end = at == tokens.size();
    if (!end || syntax.restMayBeNone()) {
      give(node.rest, found);
    }
    if (end) {
      give(node.here, found);
      return;
    }
    Node<V> same = node.children.get(tokens.get(at));
    if (same != null) {
      match(same, tokens, at + 1, found);
    }
    Node<V> one = node.one;
    if (one != null) {
      match(one, tokens, at + 1, found);
    }
  }

  private void remove(Node<V> node, List<String> tokens, int at) {
    if (at == tokens.size()) {
      node.here = null;
      return;
    }
    String token = tokens.get(at);
    if (at == tokens.size() - 1 && token.equals(syntax.rest())) {
      node.rest = null;
      return;
    }
    Node<V> child = child(node, token);
    if (child == null) {
      return;
    }
    remove(child, tokens, at + 1);
    if (!child.isEmpty()) {
      return;
    }
    if (token.equals(syntax.one())) {
      node.one = null;
    } else {
      node.children.remove(token);
    }
  }

  private @Nullable Node<V> child(Node<V> node, String token) {
    return token.equals(syntax.one()) ? node.one : node.children.get(token);
  }

  private Node<V> childMade(Node<V> node, String token) {
    if (!token.equals(syntax.one())) {
      return node.children.computeIfAbsent(token, t -> new Node<>());
    }
    Node<V> one = node.one;
    if (one == null) {
      one = new Node<>();
      node.one = one;
    }
    return one;
  }

  private boolean endsWithRest(List<String> tokens) {
    return tokens.get(tokens.size() - 1).equals(syntax.rest());
  }

  private List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf(syntax.separator()); end >= 0; ) {
      tokens.add(text.substring(start, end));
      start = end + 1;
      end = text.indexOf(syntax.separator(), start);
    }
    tokens.add(text.substring(start));
    return tokens;
  }

  private static <V> void give(@Nullable V value, Consumer<V> found) {
    if (value != null) {
      found.accept(value);
    }
  }
}
