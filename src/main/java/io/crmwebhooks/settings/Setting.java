package io.crmwebhooks.settings;

import io.crmwebhooks.domain.Durations;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How the value of one property is read. Immutable.
 *
 * @param reader throws {@link IllegalArgumentException} with what it expects
 * @param isShown whether an error may repeat the value, and Camel and the routes may know it
 * @param isVerbatim whether blanks around the value belong to it; a line break at its end never
 *     does
 */
public record Setting(Function<String, Object> reader, boolean isShown, boolean isVerbatim) {
  /** The settings of a package above this one, found by {@link java.util.ServiceLoader}. */
  public interface Source {
    Map<String, Setting> settings();
  }

  /** A setting of a type of its own. */
  public static Setting of(Function<String, Object> reader) {
    return new Setting(reader, true, false);
  }

  /** The same, of a value in which a secret may stand: it is shown nowhere. */
  public Setting hidden() {
    return new Setting(reader, false, isVerbatim);
  }

  Object parse(String value) {
    return reader.apply(value);
  }

  /** The value of what is written. */
  String clean(String written) {
    return isVerbatim ? written.replaceFirst("[\r\n]+$", "") : written.strip();
  }

  boolean mayBeEmpty() {
    try {
      reader.apply("");
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static Setting text() {
    return of(value -> value);
  }

  static Setting required() {
    return matching(value -> !value.isEmpty(), "must not be empty");
  }

  /** Taken as it is, with its blanks and line breaks, and hidden. */
  static Setting verbatim() {
    return new Setting(value -> value, false, true);
  }

  /** Taken as it is, with its blanks, and hidden. */
  static Setting password() {
    return new Setting(
        matching(
                value -> value.chars().noneMatch(Character::isISOControl),
                "must hold no line break nor any other control character; in a file a backslash is written \\\\")
            .reader,
        false,
        true);
  }

  /** A text that nobody guesses, or none. */
  static Setting emptyOrLong(int least) {
    return matching(
        value -> value.isEmpty() || value.length() >= least,
        "must have at least %d characters, or it can be guessed; take what `openssl rand -hex 32` prints"
            .formatted(least));
  }

  static Setting oneOf(String... allowed) {
    return matching(
        Arrays.asList(allowed)::contains, "must be one of " + String.join(", ", allowed));
  }

  private static Setting matching(Predicate<String> rule, String expected) {
    return of(
        value -> {
          if (!rule.test(value)) {
            throw new IllegalArgumentException(expected);
          }
          return value;
        });
  }

  /** The beginning of names of topics. */
  static Setting topicPrefix() {
    return matching(
        value -> value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}"),
        "must be up to 200 letters, digits, '.', '_' and '-', and begin with a letter or a digit");
  }

  /** Hosts with their ports, or none. */
  static Setting brokers() {
    String broker = "(?:[\\w.-]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}";
    return matching(
        value -> value.isEmpty() || value.matches(broker + "(?:," + broker + ")*"),
        "must be host:port, several of them with commas and no blanks between");
  }

  /** A path; null when empty. */
  static Setting file() {
    return of(value -> value.isEmpty() ? null : Path.of(value));
  }

  static Setting integer(int min, int max) {
    return of(
        value -> {
          if (value.matches("[0-9]{1,10}")) {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
              return (int) number;
            }
          }
          throw new IllegalArgumentException("must be a whole number from " + min + " to " + max);
        });
  }

  static Setting fraction() {
    return of(
        value -> {
          if (value.matches("[0-9]*[.]?[0-9]+") && Double.parseDouble(value) <= 1) {
            return Double.parseDouble(value);
          }
          throw new IllegalArgumentException("must be a number from 0 to 1");
        });
  }

  /** AES-256 keys, separated by commas; may be empty. */
  static Setting keys() {
    return of(
        value -> {
          List<String> keys =
              value.isEmpty()
                  ? List.of()
                  : Arrays.stream(value.split(",", -1)).map(String::trim).toList();
          if (!keys.stream().allMatch(Setting::isKey)) {
            throw new IllegalArgumentException(
                "must be keys of 32 bytes in base64, separated by commas (crm-webhooks secret new-key makes one)");
          }
          return keys;
        });
  }

  private static boolean isKey(String base64) {
    try {
      return Base64.getDecoder().decode(base64).length == 32;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static Setting duration() {
    return of(Durations::parse);
  }

  static Setting durations() {
    return of(Durations::parseList);
  }
}
