package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.TestAuthority;
import io.crmwebhooks.TestAuthority.Issued;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIdentitiesTest {
  private static final String CA = "webhooks.egress.tls.ca";
  private static final String CERTIFICATE = "webhooks.egress.tls.certificate";
  private static final String KEY = "webhooks.egress.tls.key";

  private final TestAuthority authority = new TestAuthority("ours");
  private final Issued client = authority.issue("crm.example");

  @TempDir private Path folder;
  private Path partner;
  private Instant now = Instant.EPOCH;
  private TlsIdentities identities;

  @BeforeEach
  void open() {
    partner = folder.resolve("partner");
    identities = new TlsIdentities(new TlsFiles(List.of(), null, null), folder, () -> now);
  }

  private void write(Issued issued) {
    issued.writeCertificate(partner.resolve("tls.crt"));
    issued.writeKey(partner.resolve("tls.key"));
  }

  private void touchAndWait() throws IOException {
    Files.setLastModifiedTime(partner.resolve("tls.crt"), FileTime.from(Instant.EPOCH));
    now = now.plusMillis(TlsIdentities.LOOK_AGAIN_MILLIS);
  }

  @Test
  void files_that_have_not_changed_are_read_once() throws Exception {
    write(client);
    TlsIdentity first = identities.of("partner");
    now = now.plusMillis(TlsIdentities.LOOK_AGAIN_MILLIS);
    assertThat(identities.of("partner")).isSameAs(first);
    assertThat(identities.of(null)).isNotSameAs(first).isSameAs(identities.of(null));
  }

  @Test
  void files_that_have_changed_make_another_identity_after_a_while() throws Exception {
    write(client);
    TlsIdentity first = identities.of("partner");
    write(authority.issue("crm.example"));
    assertThat(identities.of("partner")).isSameAs(first);
    touchAndWait();
    assertThat(identities.of("partner")).isNotSameAs(first);
  }

  @Test
  void files_that_are_just_being_replaced_do_not_disturb() throws Exception {
    write(client);
    TlsIdentity first = identities.of("partner");
    authority.issue("crm.example").writeKey(partner.resolve("tls.key")); // not the certificate's
    touchAndWait();
    assertThat(identities.of("partner")).isSameAs(first);
    write(authority.issue("crm.example"));
    touchAndWait();
    assertThat(identities.of("partner")).isNotSameAs(first);
  }

  @Test
  void says_what_is_wrong_with_the_files() throws Exception {
    assertThatThrownBy(() -> identities.check("partner"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no TLS identity partner: no folder " + partner);
    Files.createDirectory(partner);
    assertFailure("there is no ca.crt and no tls.crt with tls.key in " + partner);
    client.writeCertificate(partner.resolve("tls.crt"));
    assertFailure("there is no file " + partner.resolve("tls.key"));
    client.writeTraditionalKey(partner.resolve("tls.key"));
    assertFailure("openssl pkcs8 -topk8 -nocrypt -in " + partner.resolve("tls.key"));
    Files.writeString(partner.resolve("tls.key"), "hidden");
    assertFailure("tls.key holds no private key in PEM form");
    Files.writeString(
        partner.resolve("tls.key"),
        "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n");
    assertFailure("tls.key holds no RSA, EC or EdDSA key");
    authority.issue("other.example").writeKey(partner.resolve("tls.key"));
    assertFailure("tls.key is not the key of the first certificate in ");
    client.writeKey(partner.resolve("tls.key"));
    identities.check("partner");
    Files.writeString(partner.resolve("ca.crt"), "");
    now = now.plusMillis(TlsIdentities.LOOK_AGAIN_MILLIS);
    open();
    assertFailure("ca.crt holds no certificate");
  }

  private void assertFailure(String message) {
    assertThatThrownBy(() -> identities.of("partner"))
        .isInstanceOf(EgressException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void a_name_never_leads_out_of_the_folder() {
    for (String name : List.of("..", "../partner", "a/b", "/etc", ".hidden", "", " ", "a\u0000")) {
      if (!name.isEmpty()) {
        assertThatThrownBy(() -> identities.of(name))
            .isInstanceOf(EgressException.class)
            .hasMessageStartingWith("a TLS identity is named with ");
      }
    }
  }

  @Test
  void the_files_of_the_settings_are_checked_at_start() {
    String certificate = client.writeCertificate(folder.resolve("c.pem")).toString();
    assertThatThrownBy(() -> open(Map.of(CA, folder.resolve("none").toString())))
        .isInstanceOf(StartupException.class)
        .hasMessage("webhooks.egress.tls: there is no file " + folder.resolve("none"));
    assertThatThrownBy(() -> open(Map.of(CERTIFICATE, certificate)))
        .isInstanceOf(StartupException.class)
        .hasMessage(CERTIFICATE + " and " + KEY + " must be set together");
    String key = client.writeKey(folder.resolve("c.key")).toString();
    open(Map.of(CERTIFICATE, certificate, KEY, key, CA, certificate));
  }

  private static void open(Map<String, String> settings) {
    TlsIdentities.open(
        Settings.load(Path.of("none"), Map.of(), new HashMap<>(settings)), Clock.systemUTC());
  }
}
