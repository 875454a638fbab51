// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

/** Why a token is not accepted. */
public enum Refusal {
  NO_TOKEN("no token was sent"),
  MALFORMED("the token is no JSON Web Token"),
  ALGORITHM("tokens with this signature type are not accepted"),
  /** Forged, or signed with a key that is not known (yet). */
  SIGNATURE("the signature of the token is not valid"),
  /** Several keys with names would have to be tried. */
  KEY_NOT_NAMED("the token does not name the key (kid) that it is signed with"),
  EXPIRED("the token has expired"),
  NOT_YET_VALID("the token is not valid yet"),
  CLAIMS("a claim of the token has the wrong type"),
  /** For those who ask for topics: the token opens none. */
  NO_TOPICS("the token names no topic that may be read or written"),
  /** The keys are behind a URL that has not answered since the start. */
  NO_KEYS("the keys that verify tokens could not be loaded");

  private final String words;

  Refusal(String words) {
    this.words = words;
  }

  /** The reason in words. They hold nothing of the token. */
  public String words() {
    return words;
  }
}
