package io.crmwebhooks.http;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** In which headers a webhook is signed; see docs/security.md. */
public enum Scheme {
  /** The CRM's own: {@code X-Twenty-Webhook-Signature} and what belongs to it. */
  TWENTY,
  /** Standard Webhooks: {@code webhook-signature}. */
  STANDARD;

  /** The signatures of a webhook that does not name any. */
  public static final Set<Scheme> ALL = Set.of(values());

  /** As it is written in the database, on the command line and in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Each as {@link #text()}, in the order in which they stand here. */
  public static List<String> texts(Set<Scheme> schemes) {
    return schemes.stream().sorted().map(Scheme::text).toList();
  }

  /**
   * @throws IllegalArgumentException when there is none, or one is unknown
   */
  public static Set<Scheme> parse(Collection<String> texts) {
    Set<Scheme> schemes = EnumSet.noneOf(Scheme.class);
    for (String text : texts) {
      schemes.add(
          Arrays.stream(values())
              .filter(scheme -> scheme.text().equals(text))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "a signature scheme is twenty or standard, but not '" + text + "'")));
    }
    if (schemes.isEmpty()) {
      throw new IllegalArgumentException(
          "at least one signature scheme is needed: twenty, standard; an empty secret sends unsigned");
    }
    return schemes;
  }
}
