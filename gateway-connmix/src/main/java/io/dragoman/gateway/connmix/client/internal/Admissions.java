// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientRules.Auth;
import io.dragoman.gateway.connmix.client.ClientSecurity;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.security.Authentication;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Principal;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Decides who is let in, as the rules say. Safe from any thread. */
final class Admissions implements AutoCloseable {
  private static final String BASIC = "basic ";
  private static final String BEARER = "bearer ";
  private static final Auth.Jwt BROKER = new Auth.Jwt("token", "token", List.of());

  private final Auth auth;
  private final ClientSecurity security;
  private final @Nullable AuthServer server;

  Admissions(ClientRules rules, ClientSecurity security) {
    this.auth = rules.auth();
    this.security = security;
    this.server = auth instanceof Auth.Http http ? new AuthServer(http) : null;
  }

  /** What was decided. */
  sealed interface Decision {

    /**
     * It is let in.
     *
     * @param context texts of JSON by keys
     * @param claims likewise, by names
     * @param channels that it becomes a member of
     * @param reply sent first; null: nothing
     */
    record Granted(
        Principal principal,
        Map<String, String> context,
        Map<String, String> claims,
        List<String> channels,
        @Nullable String reply)
        implements Decision {
      static Granted to(Principal principal) {
        return new Granted(principal, Map.of(), Map.of(), List.of(), null);
      }
    }

    record Refused(int status, String reason) implements Decision {}
  }

  /** To be completed, with whatever, when the client is gone before. */
  CompletableFuture<Decision> decide(Client client) {
    if (auth instanceof Auth.Http) {
      AuthServer asked = server;
      if (asked == null) {
        throw new IllegalStateException("no server to ask");
      }
      return asked.ask(client);
    }
    return CompletableFuture.completedFuture(decideAtOnce(client.introduction()));
  }

  private Decision decideAtOnce(Introduction introduction) {
    if (auth instanceof Auth.Jwt jwt) {
      return byToken(introduction, jwt, security.tokens(), true);
    }
    if (auth instanceof Auth.Basic basic) {
      return byPassword(introduction, basic);
    }
    if (auth instanceof Auth.None && security.broker().isRequired()) {
      return byToken(introduction, BROKER, security.broker(), false);
    }
    return Decision.Granted.to(Principal.ANYONE);
  }

  /**
   * @param told whether claims go into the context; where the broker requires tokens, what they say
   *     is nobody else's business
   */
  private static Decision byToken(
      Introduction introduction, Auth.Jwt jwt, Authenticator authenticator, boolean told) {
    String token = token(introduction, jwt);
    Authentication outcome = authenticator.authenticate(token);
    if (outcome instanceof Authentication.Refused refused) {
      return new Decision.Refused(401, refused.reason().words());
    }
    Map<String, String> claims = claims(token);
    Map<String, String> context = claims;
    if (!jwt.claims().isEmpty()) {
      context = new LinkedHashMap<>(claims);
      context.keySet().retainAll(jwt.claims());
    }
    Principal principal = ((Authentication.Accepted) outcome).principal();
    return new Decision.Granted(principal, told ? context : Map.of(), claims, List.of(), null);
  }

  private static String token(Introduction introduction, Auth.Jwt jwt) {
    String text = introduction.header("authorization");
    if (text == null) {
      text = introduction.query().get(jwt.query());
    }
    if (text == null) {
      // As other WebSockets of this broker have it.
      text = introduction.query().get("auth");
    }
    // A browser adds cookies to whatever a page of any origin asks for.
    if (text == null && introduction.ownOrigin()) {
      text = introduction.cookie(jwt.cookie());
    }
    if (text == null) {
      return "";
    }
    String stripped = text.strip();
    boolean scheme = stripped.toLowerCase(Locale.ROOT).startsWith(BEARER);
    return scheme ? stripped.substring(BEARER.length()).strip() : stripped;
  }

  /** The claims of a token that holds. */
  private static Map<String, String> claims(String token) {
    String[] parts = token.split("\\.", -1);
    Map<String, String> claims = new LinkedHashMap<>();
    if (parts.length == 3) {
      JsonTree payload =
          JsonTree.read(Unpooled.wrappedBuffer(Base64.getUrlDecoder().decode(parts[1])));
      payload.members().forEach((name, value) -> claims.put(name, value.json()));
    }
    return claims;
  }

  private static Decision byPassword(Introduction introduction, Auth.Basic basic) {
    // A browser sends what it was once told to whatever page asks.
    if (!introduction.ownOrigin()) {
      return new Decision.Refused(403, "pages of this origin may not use passwords");
    }
    String header = introduction.header("authorization");
    if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(BASIC)) {
      return new Decision.Refused(401, "no user and password were sent");
    }
    String pair;
    try {
      byte[] decoded = Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
      pair = new String(decoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return new Decision.Refused(401, "user and password are not readable");
    }
    int colon = pair.indexOf(':');
    String name = colon < 0 ? pair : pair.substring(0, colon);
    String password = basic.users().get(name);
    // Takes as long whether the user is known or not.
    boolean right = isEqual(password == null ? "" : password, pair.substring(colon + 1));
    if (colon < 0 || password == null || !right) {
      return new Decision.Refused(401, "user or password is wrong");
    }
    return new Decision.Granted(
        Principal.ANYONE, Map.of("username", JsonTree.quoted(name)), Map.of(), List.of(), null);
  }

  private static boolean isEqual(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
