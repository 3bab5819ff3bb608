package io.crmwebhooks.settings;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Reads a file of properties in UTF-8, with or without a byte order mark. {@link Properties} would
 * drop a backslash that begins no escape without a word, such as that of a password or of a path.
 */
final class PropertiesFile {
  private static final Pattern SOUND =
      Pattern.compile("\\s*[#!].*|(?:[^\\\\]|\\\\(?:u[0-9A-Fa-f]{4}|[tnrf\\\\ :=#!]|$))*+");

  private static final Pattern CONTINUED = Pattern.compile("\\s*[^#!].*[^\\\\](?:\\\\\\\\)*\\\\");
  private static final Pattern OF_ITS_OWN =
      Pattern.compile("\\s*(?:|[#!].*|(?:webhooks|camel)\\..*)");

  private static final String HEADER =
      """
      # Your own settings. They override those of application.properties beside it, which has all of them with their
      # meanings. The environment overrides both. No new version touches this file. It takes effect at the next start.
      """;

  private PropertiesFile() {}

  /** Makes a file without settings where its folder has none and can be written. */
  static void make(Path file) {
    try {
      Files.writeString(file, HEADER, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      return; // there is one, or the folder is not for us to write
    }
  }

  /**
   * The properties of the file; none where there is none.
   *
   * @throws StartupException with the line at fault, not its text, which may be secret
   */
  static Properties read(Path file) {
    Properties properties = new Properties();
    if (!Files.exists(file)) {
      return properties;
    }
    try {
      String text = Files.readString(file);
      text = text.startsWith("\uFEFF") ? text.substring(1) : text;
      String[] lines = (text + "\n").split("\r\n|\r|\n", -1);
      for (int i = 0; i + 1 < lines.length; i++) {
        if (!SOUND.matcher(lines[i]).matches()
            || CONTINUED.matcher(lines[i]).matches()
                && OF_ITS_OWN.matcher(lines[i + 1]).matches()) {
          throw new StartupException(
              "cannot read %s: a backslash in line %d begins no escape; a backslash itself is written \\\\"
                  .formatted(file, i + 1));
        }
      }
      properties.load(new StringReader(text));
      return properties;
    } catch (CharacterCodingException e) {
      throw new StartupException("cannot read " + file + ": it is not in UTF-8", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new StartupException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
