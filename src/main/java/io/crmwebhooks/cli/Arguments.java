package io.crmwebhooks.cli;

import java.util.Optional;

/** The words after the name of the program, as Java has read them. */
public final class Arguments {
  private Arguments() {}

  /**
   * Says which argument is not what was typed: Java puts a replacement character where the locale
   * cannot read one, and that would be stored. Empty when all are whole.
   */
  public static Optional<String> problemOf(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      boolean broken =
          arguments[i]
              .codePoints()
              .anyMatch(c -> c == '\uFFFD' || Character.getType(c) == Character.SURROGATE);
      if (broken) {
        return Optional.of(
            ("argument %d holds characters that cannot be read in this locale;"
                    + " set LC_ALL=C.UTF-8 and write it in UTF-8")
                .formatted(i + 1));
      }
    }
    return Optional.empty();
  }
}
