package io.crmwebhooks.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedSettingsTest {
  private static final String NAME = "webhooks.kafka.client.ssl.key.password";

  @TempDir private Path folder;
  private final Settings settings = settings("webhooks.secrets.key", TestDatabase.STORAGE_KEY);

  @Test
  void a_sealed_value_opens_for_its_setting_alone() {
    String line = SealedSettings.seal(settings, NAME, "pa55 ü=");
    assertThat(line).startsWith(NAME + "=" + SealedSecret.PREFIX).doesNotContain("pa55");
    String sealed = line.substring(NAME.length() + 1);
    assertThat(SealedSettings.open(settings, Map.of(NAME, sealed, "plain", "as it is")))
        .isEqualTo(Map.of(NAME, "pa55 ü=", "plain", "as it is"));
    assertRefused(settings, "another", sealed, "another does not open with its key");
    assertRefused(settings, NAME, sealed.replaceFirst(".$", "@"), NAME + " does not open with its");
  }

  @Test
  void without_its_key_the_setting_is_named_and_the_place_where_keys_are() {
    String sealed = SealedSettings.seal(settings, NAME, "pa55").substring(NAME.length() + 1);
    Settings other = settings("webhooks.secrets.key-file", folder.resolve("keys").toString());
    assertRefused(other, NAME, sealed, NAME + " is sealed with the key ");
    assertRefused(other, NAME, sealed, "is not in webhooks.secrets.key-file=" + folder);
    assertThatThrownBy(() -> SealedSettings.seal(other, NAME, "pa55"))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("there is no key yet in webhooks.secrets.key-file=");
  }

  private static void assertRefused(Settings settings, String name, String sealed, String message) {
    assertThatThrownBy(() -> SealedSettings.open(settings, Map.of(name, sealed)))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining(sealed)
        .hasNoCause();
  }

  private static Settings settings(String name, String value) {
    return Settings.load(Path.of("no such file"), Map.of(), Map.of(name, value));
  }
}
