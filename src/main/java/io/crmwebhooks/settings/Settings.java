package io.crmwebhooks.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The settings of this process, all of them read and checked at once. {@code
 * application.properties} on the class path is the documented list of them and their defaults; a
 * file and then the environment override it. Immutable.
 */
public final class Settings {
  /** The file that overrides the defaults, relative to the working directory; it need not exist. */
  public static final Path FILE = Path.of("config", "application.properties");

  private final Properties properties;
  private final Map<String, Object> values;

  private Settings(Properties properties, Map<String, Object> values) {
    this.properties = properties;
    this.values = values;
  }

  /**
   * Reads the defaults, {@link #FILE} and the environment.
   *
   * @throws StartupException naming every property that is unknown or has a bad value
   */
  public static Settings load() {
    return load(FILE, System.getenv(), Map.of());
  }

  /** As {@link #load()}, from the given sources; {@code overrides} win over all others. */
  public static Settings load(
      Path file, Map<String, String> environment, Map<String, String> overrides) {
    Properties properties = defaults();
    if (Files.exists(file)) {
      PropertiesFile.load(file, properties);
    }
    Environment variables = new Environment(environment);
    KnownSettings.ALL.keySet().forEach(name -> override(properties, name, variables.of(name)));
    overrides.forEach((name, value) -> override(properties, name, value));
    return check(properties);
  }

  /**
   * As {@link #load()}, with a command's own defaults in {@code presets}. They win over the file,
   * which repeats every default as shipped, but not over the environment.
   */
  public static Settings load(Map<String, String> presets, Map<String, String> environment) {
    Map<String, String> open = new HashMap<>(presets);
    open.keySet().removeIf(name -> new Environment(environment).of(name) != null);
    return load(FILE, environment, open);
  }

  /** The warnings about environment variables, a sentence each. */
  public static List<String> warnings(Map<String, String> environment) {
    return new Environment(environment).warnings();
  }

  /** These settings with one of them set anew. */
  public Settings with(String name, String value) {
    Properties changed = new Properties();
    changed.putAll(properties);
    changed.setProperty(name, value);
    return check(changed);
  }

  private static void override(Properties properties, String name, String value) {
    if (value != null) {
      properties.setProperty(name, value);
    }
  }

  private static Settings check(Properties properties) {
    List<String> errors = new ArrayList<>();
    Map<String, Object> values = new HashMap<>();
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      Setting setting = KnownSettings.ALL.get(name);
      String written = properties.getProperty(name);
      properties.setProperty(name, setting == null ? written.strip() : setting.clean(written));
      if (setting != null) {
        try {
          values.put(name, setting.parse(properties.getProperty(name)));
        } catch (IllegalArgumentException e) {
          errors.add(
              name
                  + " "
                  + e.getMessage()
                  + (setting.isShown() ? ", but is '" + properties.getProperty(name) + "'" : ""));
        }
      } else if (name.startsWith("webhooks.")) {
        errors.add(name + " is not a known property");
      }
    }
    if (errors.isEmpty()) {
      mustBeLonger(values, "webhooks.delivery.lease", "webhooks.delivery.timeout", errors);
      mustBeLonger(values, "webhooks.poll.lease", "webhooks.dispatch.patience", errors);
      mustBeLonger(values, "webhooks.health.ready-within", "webhooks.poll.delay", errors);
      mustBeLonger(values, "webhooks.health.live-within", "webhooks.poll.delay", errors);
    }
    if (!errors.isEmpty()) {
      throw new StartupException("wrong settings: " + String.join("; ", errors));
    }
    return new Settings(properties, values);
  }

  private static void mustBeLonger(
      Map<String, Object> values, String longer, String shorter, List<String> errors) {
    if (((Duration) values.get(longer)).compareTo((Duration) values.get(shorter)) <= 0) {
      errors.add(longer + " must be longer than " + shorter);
    }
  }

  private static Properties defaults() {
    try (InputStream in = Settings.class.getResourceAsStream("/application.properties")) {
      Properties properties = new Properties();
      properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings that Camel and the routes see: all that hold no secret. */
  public Properties properties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    copy.keySet().removeIf(name -> isSecret((String) name));
    return copy;
  }

  private static boolean isSecret(String name) {
    return KnownSettings.ALL.containsKey(name) && !KnownSettings.ALL.get(name).isShown();
  }

  public String text(String name) {
    return get(name, String.class);
  }

  /** Several values that nobody may see. */
  @SuppressWarnings("unchecked")
  public List<String> secrets(String name) {
    return get(name, List.class);
  }

  public int integer(String name) {
    return get(name, Integer.class);
  }

  public double fraction(String name) {
    return get(name, Double.class);
  }

  public Duration duration(String name) {
    return get(name, Duration.class);
  }

  /** A path, or null when it is not set. */
  public Path file(String name) {
    return get(name, Path.class);
  }

  /** The value of a setting with a type of its own. */
  public <T> T value(String name, Class<T> type) {
    return get(name, type);
  }

  @SuppressWarnings("unchecked")
  public List<Duration> durations(String name) {
    return get(name, List.class);
  }

  private <T> T get(String name, Class<T> type) {
    return type.cast(values.get(name));
  }

  /**
   * Reads a file of properties in UTF-8, with or without a byte order mark. {@link Properties}
   * would drop a backslash that begins no escape without a word, such as that of a password or of a
   * path.
   */
  static final class PropertiesFile {
    private static final Pattern SOUND =
        Pattern.compile("\\s*[#!].*|(?:[^\\\\]|\\\\(?:u[0-9A-Fa-f]{4}|[tnrf\\\\ :=#!]|$))*+");

    private static final Pattern CONTINUED = Pattern.compile("\\s*[^#!].*[^\\\\](?:\\\\\\\\)*\\\\");
    private static final Pattern OF_ITS_OWN =
        Pattern.compile("\\s*(?:|[#!].*|(?:webhooks|camel)\\..*)");

    private PropertiesFile() {}

    /**
     * Adds what stands in the file.
     *
     * @throws StartupException with the line at fault, not its text, which may be secret
     */
    static void load(Path file, Properties properties) {
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
      } catch (CharacterCodingException e) {
        throw new StartupException("cannot read " + file + ": it is not in UTF-8", e);
      } catch (IOException | IllegalArgumentException e) {
        throw new StartupException("cannot read " + file + ": " + e.getMessage(), e);
      }
    }
  }
}
