package io.crmwebhooks.admin;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;

/**
 * What every response tells browsers: take the media type as it is given, load scripts, styles and
 * data from here only and run no inline ones, never make a page of a text (Trusted Types), be shown
 * in no frame, tell nobody where you came from. No header allows other origins, so a page of one
 * can read nothing here; and since a token is never sent by itself, as a cookie is, it can do
 * nothing either.
 */
final class SecurityHeaders {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private SecurityHeaders() {}

  static void add(RoutingContext ctx) {
    MultiMap headers = ctx.response().headers();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cache-Control", isOfConsole(ctx.normalizedPath()) ? "no-cache" : "no-store");
  }

  /** Its files hold no data. A browser may keep them, and asks each time whether they are newer. */
  private static boolean isOfConsole(String path) {
    return path.equals("/") || path.startsWith("/console/");
  }
}
