package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeBodyTest {
  private static final String ORIGIN =
      """
      {"workspaceMemberId": "m-1", "objectMetadataId": "o-1", "userId": "u-1"}""";

  private static final Webhook WEBHOOK =
      TestWebhook.to("https://example.org/a?b=\"c\"/")
          .withId(UUID.fromString("6f9619ff-8b86-4d01-b42d-00cf4fc964ff"))
          .in("20202020-1c25-4d02-bf25-6aeccf7ea419")
          .with(Format.NATIVE)
          .build();

  @Test
  void has_the_members_of_Twenty_in_its_order() {
    assertThat(
            body(
                change("person.updated", "{\"id\":\"r1\"}", ORIGIN, "[\"company\",\"companyId\"]")))
        .isEqualTo(
            "{\"targetUrl\":\"https://example.org/a?b=\\\"c\\\"/\",\"eventName\":\"person.updated\","
                + "\"objectMetadata\":{\"id\":\"o-1\",\"nameSingular\":\"person\"},"
                + "\"workspaceId\":\"20202020-1c25-4d02-bf25-6aeccf7ea419\","
                + "\"webhookId\":\"6f9619ff-8b86-4d01-b42d-00cf4fc964ff\","
                + "\"eventDate\":\"2025-02-10T15:30:50.120Z\",\"userId\":\"u-1\","
                + "\"workspaceMemberId\":\"m-1\",\"record\":{\"id\":\"r1\"},"
                + "\"updatedFields\":[\"company\",\"companyId\"]}");
  }

  @Test
  void leaves_out_the_members_that_the_row_does_not_tell() {
    assertThat(body(change("person.created", "{}", "{\"objectMetadataId\":\"o-1\"}", null)))
        .contains("Z\",\"record\":{}}");
    assertThat(body(change("person.created", "{}", null, null)))
        .contains("\"objectMetadata\":{\"nameSingular\":\"person\"},");
    assertThat(body(change("person.created", "{}", "[1,{\"userId\":2}]", null)))
        .contains("\"objectMetadata\":{\"nameSingular\":\"person\"},")
        .doesNotContain("userId");
  }

  @Test
  void names_updated_fields_where_Twenty_does() {
    String deletedAt = "[\"deletedAt\"]";
    for (String action : new String[] {"updated", "deleted", "restored"}) {
      assertThat(body(change("person." + action, "{}", null, deletedAt)))
          .endsWith(",\"updatedFields\":[\"deletedAt\"]}");
    }
    for (String action : new String[] {"created", "destroyed"}) {
      assertThat(body(change("person." + action, "{}", null, deletedAt)))
          .doesNotContain("updatedFields");
    }
  }

  @Test
  void writes_the_date_with_three_decimals_always() {
    Change.Event event =
        new Change.Event("", "a.created", "r", Instant.parse("2025-02-10T15:30:50Z"), null);
    Change change =
        new Change(new Change.Place(1, 0, 0), event, ChangeRow.record("{}"), null, null);
    assertThat(body(change)).contains("\"eventDate\":\"2025-02-10T15:30:50.000Z\"");
  }

  @Test
  void writes_a_record_as_JavaScript_would_write_it_again() {
    assertThat(
            record(
                """
                {"id":"r1", "name":{"firstName":"Zoë","lastName":""},
                 "meta":{"b": 1.50, "list": [ 1, -0.0, 1e21, {} , [ ] ], "say": "a, \\"b\\": [ 1 ]"},
                 "employees":null,"isLive":true}"""))
        .isEqualTo(
            "{\"id\":\"r1\",\"name\":{\"firstName\":\"Zoë\",\"lastName\":\"\"},"
                + "\"meta\":{\"b\":1.5,\"list\":[1,0,1e+21,{},[]],\"say\":\"a, \\\"b\\\": [ 1 ]\"},"
                + "\"employees\":null,\"isLive\":true}");
  }

  @Test
  void writes_each_character_in_its_one_form() {
    assertThat(
            record(
                "{\"a\":\"\\u0041\\/\\u00e9\\u2028\\ud834\\udd1e\",\"b\":\"\\u001F\\u0008\\b\\t\\u0022\\u005C\\u007f\","
                    + "\"c\":\"\\uD834 \\u0000\",\"\\u0064\":1}"))
        .isEqualTo(
            "{\"a\":\"A/é\u2028𝄞\",\"b\":\"\\u001f\\b\\b\\t\\\"\\\\\u007f\",\"c\":\"\\ud834 \\u0000\",\"d\":1}");
  }

  @Test
  void puts_keys_that_are_array_indices_first_in_ascending_order() {
    assertThat(
            record(
                "{\"m\": {\"b\": 1, \"10\": 1.0, \"2\": {\"x\": \"é\\/\", \"0\": false}, \"01\": 1, \"4294967295\": 1,"
                    + " \"4294967294\": [null]}}"))
        .isEqualTo(
            "{\"m\":{\"2\":{\"0\":false,\"x\":\"é/\"},\"10\":1,\"4294967294\":[null],\"b\":1,\"01\":1,"
                + "\"4294967295\":1}}");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.0, 0",
    "-0.00e5, 0",
    "12, 12",
    "-12.340, -12.34",
    "0.1, 0.1",
    "100000000000000000000, 100000000000000000000",
    "1000000000000000000000, 1e+21",
    "-1234500000000000000000000, -1.2345e+24",
    "1e2, 100",
    "1.5E+3, 1500",
    "12E-1, 1.2",
    "0.000001, 0.000001",
    "0.0000001, 1e-7",
    "0.00000012300, 1.23e-7",
    "5e-324, 5e-324",
    "123456789012345678901.5, 123456789012345678901.5",
    "12345678901234567890, 12345678901234567890",
    "1e400, 1e+400",
    "1e9999999999, 1e9999999999"
  })
  void lays_a_number_out_as_JavaScript_and_keeps_its_digits(String written, String expected) {
    assertThat(record("{\"n\":" + written + "}")).isEqualTo("{\"n\":" + expected + "}");
  }

  @Test
  void never_fails_on_a_record_that_nests_too_deep_or_is_cut_off() {
    String deep = "{\"1\": " + "[".repeat(5000) + "]".repeat(5000) + "}";
    assertThat(record(deep)).isEqualTo(deep.replace(" ", ""));
    String whole = "{\"a\": \"x\\u00e9\\\\\", \"12\": -1.5e-10, \"c\": [true]}";
    for (int length = 0; length < whole.length(); length++) {
      assertThat(record(whole.substring(0, length))).isNotNull();
    }
  }

  @Test
  void writes_a_customised_record_likewise() {
    Change change = change("person.created", "{\"salary\":1,\"n\":1.50,\"s\":\"𝄞\"}", null, null);
    change.getRecord().remove("salary");
    assertThat(body(change)).endsWith("\"record\":{\"n\":1.5,\"s\":\"𝄞\"}}");
  }

  /**
   * The check of Twenty's documentation, {@code HMAC(secret, timestamp + ":" +
   * JSON.stringify(payload))} of the payload that the framework has parsed, holds only if the body
   * is what {@code JSON.stringify} would write again.
   */
  @Test
  void a_receiver_that_writes_the_parsed_body_again_gets_the_same_signature() throws Exception {
    Change change =
        change(
            "person.updated", "{\"id\":\"r1\",\"tags\": [\"é\"],\"n\":10.50}", ORIGIN, "[\"n\"]");
    String sent = body(change);
    JsonNode payload = new ObjectMapper().readTree(sent);
    assertThat(hmac("1735066639761:" + payload)).isEqualTo(hmac("1735066639761:" + sent));
  }

  private static String hmac(String signed) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }

  private static Change change(String event, String record, String origin, String updatedFields) {
    Instant occurredAt = Instant.parse("2025-02-10T15:30:50.120999Z");
    return new Change(
        new Change.Place(1, 0, 0),
        new Change.Event("ignored", event, "r1", occurredAt, origin),
        ChangeRow.record(record),
        updatedFields,
        null);
  }

  private static String record(String json) {
    String body = body(change("a.created", json, null, null));
    String before = "\"record\":";
    return body.substring(body.indexOf(before) + before.length(), body.length() - 1);
  }

  private static String body(Change change) {
    return new String(WEBHOOK.form().render(change, WEBHOOK, null), StandardCharsets.UTF_8);
  }
}
