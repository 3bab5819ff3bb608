package io.crmwebhooks.packaged;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Admits requests with an access token, and gives such tokens to whoever has the credentials. They
 * live shortly, are now and then ended before their time, and the giver itself fails now and then.
 * Not thread-safe.
 */
public final class Gateway {
  /** Where tokens are given. */
  public static final String TOKENS = "/token";

  /** The path behind it. */
  static final String PATH = "/gateway";

  private static final Answer UNAUTHORIZED = new Answer(401, 0);
  private static final int LIFE_SECONDS = 1;
  private static final String TOKEN =
      "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":" + LIFE_SECONDS + "}";

  private final Random random;
  private final Map<String, Long> ends = new HashMap<>();
  private int given;

  Gateway(Random random) {
    this.random = random;
  }

  /** The answer to a request for a token, or to one without a good one; null: it is let in. */
  Answer answer(Request request) {
    if (request.path().equals(TOKENS)) {
      return token(request);
    }
    return request.path().equals(PATH) && !admits(request.header("authorization"))
        ? UNAUTHORIZED
        : null;
  }

  private Answer token(Request request) {
    String form = new String(request.body(), StandardCharsets.UTF_8);
    String login = request.headers().getOrDefault("authorization", "");
    if (!form.contains("grant_type=client_credentials") || !login.startsWith("Basic ")) {
      return new Answer(400, 0);
    }
    int chance = random.nextInt(20);
    if (chance < 2) {
      return chance == 0 ? Answer.ERROR : Answer.RESET;
    }
    String token = "token-" + ++given;
    ends.put("Bearer " + token, System.nanoTime() + TimeUnit.SECONDS.toNanos(LIFE_SECONDS));
    return new Answer(200, 0, TOKEN.formatted(token));
  }

  private boolean admits(String authorization) {
    Long end = ends.get(authorization);
    if (end == null || end - System.nanoTime() < 0) {
      return false;
    }
    if (random.nextInt(100) == 0) {
      ends.remove(authorization);
      return false;
    }
    return true;
  }

  /** How many tokens it has given. */
  int given() {
    return given;
  }
}
