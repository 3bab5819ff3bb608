package io.crmwebhooks.secret;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The storage keys that this process has: those of {@code webhooks.secrets.key}, else those of the
 * key file. The file is read again when a key is missing, so that a new key in it needs no restart.
 * A key once read is kept. Which of them is the current one, the database says. Thread-safe.
 */
public final class StorageKeys {
  private static final Logger LOG = LoggerFactory.getLogger(StorageKeys.class);

  private final KeyFile file; // null: the keys are in the setting
  private volatile Map<String, StorageKey> keys = Map.of();
  private volatile StorageKey newest;
  private volatile String reported = "";

  private StorageKeys(KeyFile file) {
    this.file = file;
  }

  /** No key at all. */
  static StorageKeys none() {
    return new StorageKeys(null);
  }

  /**
   * @throws StartupException when the key file cannot be read
   */
  static StorageKeys of(Settings settings) {
    List<String> inSetting = settings.secrets("webhooks.secrets.key");
    if (!inSetting.isEmpty()) {
      StorageKeys keys = new StorageKeys(null);
      keys.add(inSetting.stream().map(StorageKey::parse).toList());
      return keys;
    }
    String path = settings.text("webhooks.secrets.key-file");
    StorageKeys keys =
        new StorageKeys(
            new KeyFile(
                path.isEmpty()
                    ? Path.of(settings.text("webhooks.database.data"), "secrets.key")
                    : Path.of(path)));
    keys.readFirst();
    return keys;
  }

  private void readFirst() {
    try {
      add(file.read());
      if (file.isOpenToOthers()) {
        LOG.warn("the key file {} may be read by others than its owner: chmod 600", file.path());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new StartupException(
          "webhooks.secrets.key-file=" + file.path() + " cannot be read: " + reason(e), e);
    }
  }

  private synchronized void add(List<StorageKey> found) {
    Map<String, StorageKey> all = new LinkedHashMap<>(keys);
    found.forEach(key -> all.put(key.id(), key));
    keys = all;
    newest = found.isEmpty() ? newest : found.get(found.size() - 1);
  }

  /** The key of this id, if this process has it or finds it in the file now. */
  Optional<StorageKey> find(String id) {
    if (!keys.containsKey(id)) {
      refresh();
    }
    return Optional.ofNullable(keys.get(id));
  }

  /** Reads the file again. An error in it is logged once, and the keys read before stay. */
  private void refresh() {
    if (file == null) {
      return;
    }
    try {
      add(file.read());
      reported = "";
    } catch (IOException | IllegalArgumentException e) {
      if (!reported.equals(reason(e))) {
        reported = reason(e);
        LOG.error("webhooks.secrets.key-file={} cannot be read: {}", file.path(), reported);
      }
    }
  }

  /** The ids of all keys, those that were added to the file included. */
  public SortedSet<String> ids() {
    refresh();
    return new TreeSet<>(keys.keySet());
  }

  /** The last one that the setting or the file names. */
  Optional<StorageKey> newest() {
    return Optional.ofNullable(newest);
  }

  /** Whether {@link #make} can add to them. */
  boolean areInFile() {
    return file != null;
  }

  /**
   * Makes a key and writes it to the file.
   *
   * @throws StartupException when the file cannot be written
   */
  StorageKey make() {
    StorageKey key = StorageKey.generate();
    try {
      boolean first = !file.exists();
      file.append(key);
      add(List.of(key));
      if (first) {
        LOG.warn(
            "made the key {} in {}: back it up, apart from the database; the webhooks' secrets need it",
            key.id(),
            file.path());
      } else {
        LOG.info("made the key {} in {}", key.id(), file.path());
      }
      return key;
    } catch (IOException e) {
      throw new StartupException(
          "webhooks.secrets.key-file="
              + file.path()
              + " cannot be written, and the webhooks' secrets need a key: "
              + reason(e)
              + "; set webhooks.secrets.key, or name another file",
          e);
    }
  }

  /** Where they are looked for, for messages. */
  String place() {
    if (file == null) {
      return "webhooks.secrets.key";
    }
    return "webhooks.secrets.key-file="
        + file.path()
        + (file.exists() ? "" : " (which does not exist)")
        + ", and webhooks.secrets.key is not set";
  }

  private static String reason(Exception e) {
    return e instanceof IOException
        ? e.getClass().getSimpleName() + ": " + e.getMessage()
        : e.getMessage();
  }
}
