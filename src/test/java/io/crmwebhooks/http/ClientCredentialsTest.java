package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientCredentialsTest {
  private static final String URL = "\"tokenUrl\":\"https://tokens.example/oauth2/token\"";

  @Test
  void both_parts_of_the_basic_authentication_are_encoded_first() {
    ClientCredentials credentials =
        ClientCredentials.fromJson(
            "{" + URL + ",\"clientId\":\"a:b c\",\"clientSecret\":\"p+q/ä%=\"}");
    assertThat(credentials.basic()).startsWith("Basic ");
    byte[] pair = Base64.getDecoder().decode(credentials.basic().substring(6));
    assertThat(new String(pair, StandardCharsets.US_ASCII))
        .isEqualTo("a%3Ab+c:p%2Bq%2F%C3%A4%25%3D");
    assertThat(credentials.form()).asString().isEqualTo("grant_type=client_credentials");
  }

  @Test
  void scope_and_audience_stand_in_the_form() {
    ClientCredentials credentials =
        ClientCredentials.fromJson(
            "{"
                + URL
                + ",\"clientId\":\"i\",\"clientSecret\":\"s\",\"scope\":\"a:write b\",\"audience\":\"https://api.example/\"}");
    assertThat(credentials.form())
        .asString()
        .isEqualTo(
            "grant_type=client_credentials&scope=a%3Awrite+b&audience=https%3A%2F%2Fapi.example%2F");
    assertThat(credentials).hasToString("client credentials for tokens.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'clientId':'i'                                            | clientSecret must be 1 to 2000 characters",
        "'clientId':'','clientSecret':'hush'                       | clientId must be 1 to 2000 characters",
        "'clientId':'a\\r\\nb','clientSecret':'hush'           | clientId must be 1 to 2000 characters without line breaks",
        "'clientId':'i','clientSecret':'hush\\n'                 | clientSecret must be 1 to 2000 characters without line breaks",
        "'clientId':'i','clientSecret':'hush','scope':'a  b'       | scope must be names",
        "'clientId':'i','clientSecret':'hush','scope':'ä'          | scope must be names",
        "'clientId':'i','clientSecret':'hush','tokenUrl':'ftp://'  | tokenUrl: it must be http:// or https://",
        "'clientId':'i','clientSecret':['hush']                    | oauth2 is no JSON object of texts",
      })
  void what_no_grant_can_be_made_of_is_named_without_the_secret(String fields, String error) {
    String json = ("{" + URL + "," + fields.replace('\'', '"') + "}");
    assertThatThrownBy(() -> ClientCredentials.fromJson(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(error)
        .satisfies(e -> assertThat("" + e.getCause()).doesNotContain("hush"))
        .message()
        .doesNotContain("hush");
  }
}
