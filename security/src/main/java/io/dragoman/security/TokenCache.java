// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were verified, by their SHA-256, so that calls with the same token cost one hash.
 * What was found with other keys than those of now does not count.
 *
 * <p>Holds as many as twice the size of a generation: when the younger generation is full, the
 * older one is forgotten, and what is still in use moves up. Safe from any thread.
 */
final class TokenCache {
  private static final ThreadLocal<MessageDigest> DIGEST =
      ThreadLocal.withInitial(TokenCache::newDigest);

  /** A hash of a token. */
  static final class Key {
    private final byte[] hash;

    private Key(byte[] hash) {
      this.hash = hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && Arrays.equals(hash, key.hash);
    }

    /** A hash's first bytes are as good as any others. */
    @Override
    public int hashCode() {
      return hash[0] << 24 | (hash[1] & 0xFF) << 16 | (hash[2] & 0xFF) << 8 | hash[3] & 0xFF;
    }
  }

  private record Known(Principal principal, int keysVersion) {}

  private final int generationMax;
  private volatile ConcurrentHashMap<Key, Known> young = new ConcurrentHashMap<>();
  private volatile ConcurrentHashMap<Key, Known> old = new ConcurrentHashMap<>();

  TokenCache(int generationMax) {
    this.generationMax = generationMax;
  }

  static Key key(String token) {
    return new Key(DIGEST.get().digest(token.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Nullable Principal find(Key key, int keysVersion) {
    Known found = young.get(key);
    if (found == null) {
      found = old.get(key);
      if (found != null) {
        put(key, found);
      }
    }
    return found == null || found.keysVersion != keysVersion ? null : found.principal;
  }

  /**
   * Remembers a token.
   *
   * @param keysVersion that of the keys before the token was verified with them
   */
  void put(Key key, Principal principal, int keysVersion) {
    put(key, new Known(principal, keysVersion));
  }

  private void put(Key key, Known known) {
    young.put(key, known);
    if (young.size() > generationMax) {
      turn();
    }
  }

  private synchronized void turn() {
    if (young.size() > generationMax) {
      old = young;
      young = new ConcurrentHashMap<>();
    }
  }

  int size() {
    return young.size() + old.size();
  }
}
