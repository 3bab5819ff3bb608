package io.crmwebhooks.jq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramTest {
  private static final String INPUT =
      """
      {"event":"deal.updated","object":"deal","action":"updated","updatedFields":["stage","amount"],
       "record":{"id":"d1","name":"Big deal","stage":"WON","amount":1500,"tags":["a","b"],
         "owner":{"name":"Ada"},"secret":null}}""";

  private static final JsonNode LARGE =
      json(
          "{\"record\":{\"text\":\"%s\",\"list\":[%s0]}}"
              .formatted("A".repeat(1_000_000), "0,".repeat(100_000)));

  /** As large as records may be without other settings. */
  private static final JsonNode LARGEST =
      json(
          "{\"action\":\"updated\",\"updatedFields\":[\"stage\"],\"record\":{\"stage\":\"WON\",\"notes\":[%s\"\"]}}"
              .formatted(('"' + "Note ".repeat(20) + "\",").repeat(50_000)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '´',
      value = {
        ".record.stage == \"WON\" ~ true",
        ".record.amount > 1000 and .action == \"updated\" ~ true",
        ".updatedFields | index(\"stage\") != null ~ true",
        ".updatedFields | contains([\"name\"]) ~ false",
        "any(.updatedFields[]; . == \"stage\") ~ true",
        "(.updatedFields // []) | any(. == \"x\") ~ false",
        "{text: \"\\(.record.name) is \\(.record.stage | ascii_downcase)\"} ~ {\"text\":\"Big deal is won\"}",
        ".record | del(.secret, .owner.name) ~ {\"id\":\"d1\",\"name\":\"Big deal\",\"stage\":\"WON\",\"amount\":1500,\"tags\":[\"a\",\"b\"],\"owner\":{}}",
        ".record | with_entries(select(.key == \"id\")) ~ {\"id\":\"d1\"}",
        ".record | {id, stage, who: .owner.name} ~ {\"id\":\"d1\",\"stage\":\"WON\",\"who\":\"Ada\"}",
        ".record as $r | [$r.tags[] | {tag: ., id: $r.id}] | map(.tag) | join(\", \") ~ \"a, b\"",
        ".record.amount * 100 / 4 % 1000 - 1 + 3 ~ 502",
        "if .record.amount > 1000 then \"big\" elif .record.amount > 10 then \"small\" else \"none\" end ~ \"big\"",
        "[.record.nothing[]?] | length ~ 0",
        "try error(\"no\") catch . ~ \"no\"",
        "@uri \"https://x/?q=\\(.record.name)\" ~ \"https://x/?q=Big%20deal\"",
        ".record.tags | add ~ \"ab\"",
        ".record.tags[0:1] ~ [\"a\"]",
        ".record.name[-4:] | ascii_upcase ~ \"DEAL\"",
        "\"[`{@Zz\" | [ascii_downcase, ascii_upcase] ~ [\"[`{@zz\",\"[`{@ZZ\"]",
        "-(.record.amount) ~ -1500",
        ".record + {extra: (.record.tags | length)} | .extra ~ 2",
      })
  void gives_what_jq_gives(String program, String result) throws Exception {
    JsonNode input = json(INPUT);
    assertThat(Program.compile(program).run(input)).isEqualTo(json(result));
    assertThat(input).as("never changed").isEqualTo(json(INPUT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        ".record.stage = ~ column 16",
        ".record.stage == ^ 1 ~ column 18",
        "foo ~ must not call foo with 0 arguments",
        ".a = 1 ~ assignments",
        ".[5000000] = 1 ~ assignments",
        ".a |= 1 ~ assignments",
        "def f: f; f ~ must not",
        "reduce .[] as $x (0; . + $x) ~ must not use reduce",
        "foreach .[] as $x (0; .) ~ must not use foreach",
        ".. ~ must not use ..",
        "[recurse] ~ must not call recurse",
        "test(\"(a+)+$\") ~ must not call test",
        "range(1000000000) ~ must not call range",
        "until(false; .) ~ must not call until",
        "env ~ must not call env",
        "input ~ must not call input",
        "now ~ must not call now",
        "walk(.) ~ must not call walk",
        "splits(\"a\") ~ must not call splits",
        "map_values(.) ~ must not call map_values",
        "label $out | 1 ~ must not use label",
        ". as [$a] | $a ~ must not use a pattern",
        "@sh ~ must not use @sh",
        "$a::b ~ must not use $a::b",
        "import \"a\" as b; . ~ must not use import",
        "getpath([\"a\"]) ~ must not call getpath",
        "[1] | implode ~ must not call implode",
        "limit(1; .) ~ must not call limit",
        "input_filename ~ must not call input_filename",
      })
  void refuses_what_is_not_on_the_list(String program, String reason) {
    assertThatThrownBy(() -> Program.compile(program))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /** Each of them would take minutes or gigabytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"aaaaaaaaaaaaaaaa\" | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+.",
        "[1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+.",
        "[.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.]",
        "{a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.} | {a:.,b:.}",
        "(1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | empty",
        "(1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | .a?",
        "\"\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\" | \"\\(.)\\(.)\"",
        "\"a\" * 1000000000",
        "\"aaaa\" / \"\"",
        "tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson | tojson",
        "[.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]] | [.[],.[]]",
        ".record as $r | [$r[] | $r[] | $r[] | $r[] | $r[] | $r[] | $r[] | 1] | length",
        "[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | add",
        "[null] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | join(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\")",
        "[1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | contains([1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | . + [2])",
        "[1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | del(.[])",
        "[1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .[[1,1,1,1,1,1,1,1]]",
        "\"a\" | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json | @json",
        "[1] | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | [.[] | .] | sort | group_by(.) | map(sort) | [.[][]] | unique | [., .] | [., .] | [.[] | [.[] | sort_by(.)]]  | .[0][0] | error(\"x\" )",
        "[[[[[[[[1]]]]]]]] | .[5000000].x.y | error(\"no\")",
        "error(error(error(.)))",
        "[(1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | (1,1,1,1,1,1,1,1,1,1) | try error(\"x\") catch 0] | length",
        "{\"KEY\": 1} | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.] | [.,.]",
        "{(\"k\" | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+. | .+.+.+.+.+.): 1}",
      })
  @Timeout(value = 2, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void ends_a_hostile_program(String hostile) {
    String program = hostile.replace("KEY", "k".repeat(1500));
    assertThatThrownBy(() -> Program.compile(program).run(json(INPUT)))
        .isInstanceOf(ProgramException.class)
        .message()
        .doesNotStartWith("gives ");
  }

  /** On a large record, which gives it much to spend, but no more than the most. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".record.text as $t | [.record.list[] | $t[-1:]] | length",
        ".record.text | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase | ascii_downcase",
        ".record.text as $t | (.record.text[0:500000] + \"b\") as $n | $t | index($n)",
        ".record.list | map(tojson) | add",
        ".record.list | contains(.)",
        ".record.text | @base64 | @base64 | @base64 | @base64 | @base64 | @base64 | @base64 | @base64",
        ".record.list as $l | [$l[] | ($l | length)]",
        ".record.list | del(.[])",
        ".record.text | split(\"\") | join(\"\") | split(\"\") | add",
        ".record.text as $t | [.record.list[] | try ($t | .[]) catch 0] | length",
        ".record.text as $t | [.record.list[] | try $t[] catch 0] | length",
        ".record as $r | [.record.list[] | try {($r): 1} catch 0] | length",
        ".record as $r | [.record.list[] | try del($r.text) catch 0] | length",
        ".record as $r | [.record.list[] | try del($r[]) catch 0] | length",
        ".record.text as $t | [.record.list[] | try (1 | .[$t]) catch 0] | length",
        ".record.text as $t | [.record.list[] | try ($t | any(.)) catch 0] | length",
      })
  @Timeout(value = 3, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void ends_a_hostile_program_on_a_large_record(String hostile) {
    assertThatThrownBy(() -> Program.compile(hostile).run(LARGE))
        .isInstanceOf(ProgramException.class)
        .hasMessage("does more than a program may (400000 steps)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".record",
        ".record | tostring",
        "\"\\(.record)\"",
        "{text: .record.stage, data: .record, n: (.record.notes | length)}",
        ".record + {stage: 1}",
        ".record | del(.stage)",
        ".record.stage == \"WON\" and (.updatedFields // [] | index(\"stage\")) != null",
        "any(.updatedFields[]; . == \"stage\") and (.record | has(\"stage\"))",
        "select(.action == \"updated\") | .record.notes[-1:] | first",
      })
  void does_plain_things_with_the_largest_record(String plain) {
    Assertions.assertThatCode(() -> Program.compile(plain).run(LARGEST)).doesNotThrowAnyException();
  }

  @Test
  void nests_no_deeper_than_the_stack() {
    String open = "[".repeat(999) + "1" + "]".repeat(999);
    Assertions.assertThatCode(() -> run(open))
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(ProgramException.class),
            e -> assertThat(e).isInstanceOf(IllegalArgumentException.class));
    Assertions.assertThatCode(() -> run(".|".repeat(999) + "."))
        .satisfiesAnyOf(
            e -> assertThat(e).isNull(), e -> assertThat(e).isInstanceOf(ProgramException.class));
    assertThatThrownBy(() -> run("-".repeat(1999) + "1"))
        .isInstanceOfAny(ProgramException.class, IllegalArgumentException.class);
    assertThatThrownBy(() -> run('"' + "[".repeat(400) + "]".repeat(400) + "\" | fromjson"))
        .hasMessage("nests values more than 300 levels deep");
    assertThatThrownBy(() -> run(".".repeat(2001)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 2000 characters");
  }

  @Test
  void gives_one_value_or_says_why_not() {
    assertThatThrownBy(() -> run("empty")).hasMessage("gives no value");
    assertThatThrownBy(() -> run(".record.tags[]")).hasMessage("gives more than one value");
    assertThatThrownBy(() -> Program.compile(".record").test(json(INPUT)))
        .hasMessage("gives object, it must give true or false");
    assertThatThrownBy(() -> run(".record.name + 1")).hasMessageStartingWith("fails: ");
    assertThatThrownBy(() -> run("$ENV.PATH")).hasMessage("fails: $ENV is not defined");
    assertThatThrownBy(() -> run(".record.name * 1"))
        .hasMessage("calculates with a text; -, *, / and % take numbers only");
  }

  @Test
  void may_do_more_with_a_larger_record() throws Exception {
    StringBuilder record = new StringBuilder("{\"record\":{\"id\":1");
    for (int i = 0; i < 50_000; i++) {
      record.append(",\"field").append(i).append("\":\"value\"");
    }
    JsonNode input = json(record.append("}}").toString());
    JsonNode made = Program.compile("{data: .record, n: (.record | length)}").run(input);
    assertThat(made.path("n").asInt()).isEqualTo(50_001);
  }

  private static JsonNode run(String program) {
    return Program.compile(program).run(json(INPUT));
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
