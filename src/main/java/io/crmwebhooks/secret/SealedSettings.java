package io.crmwebhooks.secret;

import io.crmwebhooks.secret.SealedSecret.UnreadableException;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Values of settings that stand encrypted where settings are, under the key that the webhooks'
 * secrets are stored under. The setting's name is authenticated with it, so that it opens for no
 * other setting.
 */
public final class SealedSettings {
  private static final UUID NO_WEBHOOK = new UUID(0, 0);

  private SealedSettings() {}

  /**
   * The line for a file of settings.
   *
   * @param name of the setting
   * @throws StartupException when there is no key yet
   */
  public static String seal(Settings settings, String name, String plain) {
    StorageKeys keys = StorageKeys.of(settings);
    StorageKey key =
        keys.newest()
            .orElseThrow(
                () ->
                    new StartupException(
                        "there is no key yet in %s: the first start makes it"
                            .formatted(keys.place())));
    return name + "=" + SealedSecret.seal(key, what(name), NO_WEBHOOK, plain);
  }

  /**
   * Opens those that are sealed; the others are left.
   *
   * @param values by the names of their settings
   * @throws StartupException when one does not open, naming its setting
   */
  public static Map<String, String> open(Settings settings, Map<String, String> values) {
    if (values.values().stream().noneMatch(SealedSecret::isSealed)) {
      return values;
    }
    StorageKeys keys = StorageKeys.of(settings);
    Map<String, String> opened = new HashMap<>(values);
    opened.replaceAll(
        (name, value) -> SealedSecret.isSealed(value) ? open(keys, name, value) : value);
    return opened;
  }

  private static String open(StorageKeys keys, String name, String sealed) {
    String id = SealedSecret.keyId(sealed);
    StorageKey key =
        keys.find(id)
            .orElseThrow(
                () ->
                    new StartupException(
                        "%s is sealed with the key %s, which is not in %s"
                            .formatted(name, id, keys.place())));
    try {
      return SealedSecret.open(key, what(name), NO_WEBHOOK, sealed);
    } catch (UnreadableException e) {
      throw new StartupException(
          "%s does not open with its key %s: it was changed, or sealed for another setting"
              .formatted(name, id));
    }
  }

  private static String what(String name) {
    return "setting " + name;
  }
}
