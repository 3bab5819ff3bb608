package io.crmwebhooks.settings;

import io.crmwebhooks.domain.Durations;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * How the value of one property is read; each reader throws {@link IllegalArgumentException} with
 * what it expects.
 */
interface Setting {
  Object parse(String value);

  /** The value of what is written: blanks and line breaks around it do not count. */
  default String clean(String written) {
    return written.strip();
  }

  /** Whether an error may repeat the value, and Camel and the routes may know it. */
  default boolean isShown() {
    return true;
  }

  static Setting text() {
    return value -> value;
  }

  /** Taken as it is, with its blanks; only a line break at its end is none of it. */
  static Setting password() {
    return new Setting() {
      @Override
      public Object parse(String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
          throw new IllegalArgumentException(
              "must hold no line break nor any other control character; in a file a backslash is written \\\\");
        }
        return value;
      }

      @Override
      public String clean(String written) {
        return written.replaceFirst("[\r\n]+$", "");
      }
    };
  }

  static Setting required() {
    return value -> {
      if (value.isEmpty()) {
        throw new IllegalArgumentException("must not be empty");
      }
      return value;
    };
  }

  /** A text that nobody guesses, or none. */
  static Setting emptyOrLong(int least) {
    return value -> {
      if (!value.isEmpty() && value.length() < least) {
        throw new IllegalArgumentException(
            "must have at least "
                + least
                + " characters, or it can be guessed; take what `openssl rand -hex 32` prints");
      }
      return value;
    };
  }

  /** A path; null when empty. */
  static Setting file() {
    return value -> value.isEmpty() ? null : Path.of(value);
  }

  /** As the given one, of a value in which a secret may stand: it is shown nowhere. */
  static Setting hidden(Setting setting) {
    return new Setting() {
      @Override
      public Object parse(String value) {
        return setting.parse(value);
      }

      @Override
      public String clean(String written) {
        return setting.clean(written);
      }

      @Override
      public boolean isShown() {
        return false;
      }
    };
  }

  static Setting oneOf(String... allowed) {
    return value -> {
      if (!Arrays.asList(allowed).contains(value)) {
        throw new IllegalArgumentException("must be one of " + String.join(", ", allowed));
      }
      return value;
    };
  }

  static Setting integer(int min, int max) {
    return value -> {
      try {
        int number = Integer.parseInt(value);
        if (value.matches("[0-9]+") && number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // said below, with the range
      }
      throw new IllegalArgumentException("must be a whole number from " + min + " to " + max);
    };
  }

  static Setting fraction() {
    return value -> {
      try {
        double number = Double.parseDouble(value);
        if (value.matches("[0-9]*[.]?[0-9]+") && number >= 0 && number <= 1) {
          return number;
        }
      } catch (NumberFormatException e) {
        // said below, with the range
      }
      throw new IllegalArgumentException("must be a number from 0 to 1");
    };
  }

  /** AES-256 keys, separated by commas; may be empty. */
  static Setting keys() {
    return value -> {
      List<String> keys =
          value.isEmpty()
              ? List.of()
              : Arrays.stream(value.split(",", -1)).map(String::trim).toList();
      if (!keys.stream().allMatch(Setting::isKey)) {
        throw new IllegalArgumentException(
            "must be keys of 32 bytes in base64, separated by commas (crm-webhooks secret new-key makes one)");
      }
      return keys;
    };
  }

  private static boolean isKey(String base64) {
    try {
      return Base64.getDecoder().decode(base64).length == 32;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static Setting duration() {
    return Durations::parse;
  }

  static Setting durations() {
    return Durations::parseList;
  }
}
