package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class TextTest {
  private static JsonNode json(String json) throws Exception {
    return new ObjectMapper().readTree(json);
  }

  @Test
  void a_value_is_one_line() throws Exception {
    assertThat(Text.of(json("null"))).isEqualTo("-");
    assertThat(Text.of(json("\"\""))).isEqualTo("-");
    assertThat(Text.of(json("[]"))).isEqualTo("-");
    assertThat(Text.of(json("[\"a.*\",\"b.c\"]"))).isEqualTo("a.*,b.c");
    assertThat(Text.of(json("true"))).isEqualTo("yes");
    assertThat(Text.of(json("1234567"))).isEqualTo("1234567");
    assertThat(Text.number(json("1234567"))).isEqualTo("1,234,567");
    assertThat(Text.of(json("{\"a\":1}"))).isEqualTo("{\"a\":1}");
  }

  @Test
  void nothing_steers_the_terminal() {
    assertThat(Text.plain("a\u001b[31mb\r\nc\u202ed\u2028e"))
        .isEqualTo("a\\u001b[31mb\\u000d\\u000ac\\u202ed\\u2028e");
    assertThat(Text.plain("Zoë 漢字 😀")).isEqualTo("Zoë 漢字 😀");
    assertThat(Text.body("{\"a\":\"\u202e\"}")).contains("\\u202e");
  }

  @Test
  void a_body_is_in_lines_where_it_is_json_with_all_digits() {
    assertThat(Text.body("{\"a\":12345678901234567890.1}"))
        .isEqualToNormalizingNewlines("{\n  \"a\" : 12345678901234567890.1\n}");
    assertThat(Text.body("not\tjson\nat all")).isEqualToNormalizingNewlines("not  json\nat all");
    assertThat(Text.body("")).isEmpty();
  }

  @Test
  void a_table_without_rows_says_what_to_do() throws Exception {
    Table table = new Table("Nothing yet.").columns("ID /id, COUNT #/count");
    assertThat(table.of(json("[]"))).isEqualTo("Nothing yet.");
    assertThat(table.of(json("[{\"id\":\"x\",\"count\":1000},{\"id\":null}]")))
        .isEqualToNormalizingNewlines("ID  COUNT\nx   1,000\n-       -\n");
  }

  @Test
  void a_sheet_has_a_line_for_each_field() throws Exception {
    assertThat(Text.fields(json("{\"id\":1,\"targetUrl\":\"x\",\"left\":2}"), "left"))
        .isEqualToNormalizingNewlines("id         1\ntargetUrl  x\n");
  }
}
