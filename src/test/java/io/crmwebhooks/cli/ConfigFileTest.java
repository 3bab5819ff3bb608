package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of webhooks, as far as a command looks at them itself. */
class ConfigFileTest {
  private static final ConfigSchema SCHEMA =
      new ConfigSchema(Contract.load(setting -> "12").document());

  @TempDir private Path folder;

  private ConfigFile file(String yaml) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("hooks.yaml"), yaml), SCHEMA);
  }

  private static String refusal(ThrowingCallable read) {
    Throwable thrown = catchThrowable(read);
    assertThat(thrown).isInstanceOf(CommandFailure.class);
    assertThat(((CommandFailure) thrown).exitCode()).isEqualTo(ExitCode.USAGE);
    return thrown.getMessage().replaceAll("\\S*hooks.yaml", "hooks.yaml");
  }

  @Test
  void secrets_are_put_where_the_file_names_their_places() throws IOException {
    Files.writeString(folder.resolve("secret.txt"), "from a file\n");
    JsonNode webhooks =
        file("""
                webhooks:
                  - name: a
                    targetUrl: https://example.org/a
                    rateLimit: 2.5
                    secret: env:A
                    headers:
                      Authorization: file:secret.txt
                      X-Empty: ""
                  - name: b
                    secret: ""
                """)
            .webhooks(Map.of("A", "from a variable"));
    assertThat(webhooks)
        .hasToString(
            "[{\"name\":\"a\",\"targetUrl\":\"https://example.org/a\",\"rateLimit\":2.5,\"secret\":\"from a variable\","
                + "\"headers\":{\"Authorization\":\"from a file\",\"X-Empty\":\"\"}},{\"name\":\"b\",\"secret\":\"\"}]");
  }

  @Test
  void all_errors_are_told_at_once_with_file_and_line_and_without_a_secret() throws IOException {
    ConfigFile file =
        file(
            """
            webhooks:
              - name: a
                secret: geheim
                headers:
                  Authorization: Bearer geheim
              - name: b
                secret: env:NOT_THERE
                headers:
                  X: file:nowhere.txt
            """);
    assertThat(refusal(() -> file.webhooks(Map.of())).lines())
        .containsExactly(
            "4 errors",
            "hooks.yaml:3: webhooks[0].secret must be env:NAME or file:PATH, the place of a secret; a secret must not stand here",
            "hooks.yaml:5: webhooks[0].headers.Authorization must be env:NAME or file:PATH, the place of a secret; a secret must not stand here",
            "hooks.yaml:7: webhooks[1].secret is in the variable NOT_THERE, which is not set",
            "hooks.yaml:9: webhooks[1].headers.X is in the file nowhere.txt, which cannot be read");
  }

  @Test
  void what_the_API_refuses_is_told_with_the_line_of_the_field_or_of_what_is_around_it()
      throws IOException {
    ConfigFile file =
        file(
            """
            # a comment
            webhooks:
              - name: a
                targetUrl: ftp://x
              - name: b
            """);
    Problem problem =
        Problem.of(
            409,
            List.of(
                new Problem.FieldError("webhooks[0].targetUrl", "is wrong"),
                new Problem.FieldError("webhooks[1].targetUrl", "is missing")));
    CommandFailure failure = file.explained(problem);
    assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(failure.getMessage())
        .contains("hooks.yaml:4: webhooks[0].targetUrl is wrong")
        .contains("hooks.yaml:5: webhooks[1].targetUrl is missing");
    Problem other = Problem.of(403, "not for this role");
    assertThatThrownBy(() -> file.explained(other)).isSameAs(other);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                            | hooks.yaml:1: webhooks must be a list; without any it is []
          webhooks: 7                                   | hooks.yaml:1: webhooks must be a list
          [webhooks]                                    | hooks.yaml:1: webhooks must be a list
          {webhooks: [], tokens: []}                    | hooks.yaml:1: tokens is none of captures, name and webhooks
          {webhooks: [], name: 7}                       | hooks.yaml:1: name must be a text
          {webhooks: [], webhooks: []}                  | hooks.yaml:1: webhooks is there twice
          {webhooks: [{a: !secret x}]}                  | hooks.yaml:1: webhooks[0].a has a tag
          {webhooks: [{a: .inf}]}                       | hooks.yaml:1: webhooks[0].a is no number
          {webhooks: [}                                 | hooks.yaml:1: expected
          {webhooks: [], captures: [{table: ''}]}       | hooks.yaml:1: captures[0].table must not be empty
          {webhooks: [], captures: [{table: a}, {table: a, schema: public}]} | captures[1] is the table of another entry
          {webhooks: [], captures: [{table: a, color: b}]} | captures[0].color is none of the keys of a capture
          {webhooks: &a [*a]}                           | aliases
          """)
  void a_file_that_is_none_is_refused(String yaml, String message) {
    assertThat(refusal(() -> file(yaml))).contains(message);
  }

  @Test
  void aliases_that_stand_for_endless_values_are_refused_soon() {
    StringBuilder bomb =
        new StringBuilder("webhooks:\n  - a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("    a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
    }
    assertThat(refusal(() -> file(bomb.toString()))).contains("aliases");
    assertThat(refusal(() -> file("#".repeat(YamlFile.LARGEST + 1))))
        .contains("must not be larger");
  }

  @Test
  void an_alias_that_saves_words_is_taken() throws IOException {
    assertThat(
            file("{webhooks: [{name: a, operations: &o [x.y]}, {name: b, operations: *o}]}")
                .webhooks(Map.of()))
        .hasToString(
            "[{\"name\":\"a\",\"operations\":[\"x.y\"]},{\"name\":\"b\",\"operations\":[\"x.y\"]}]");
  }

  /** To write it anew: {@code bin/crm-webhooks config schema > docs/webhooks.schema.json}. */
  @Test
  void the_schema_in_docs_is_that_of_the_contract() throws IOException {
    assertThat(Files.readString(Path.of("docs/webhooks.schema.json")))
        .isEqualToIgnoringNewLines(SCHEMA.json().toPrettyString());
  }

  @Test
  void the_schema_takes_what_an_export_writes_and_refuses_what_the_API_refuses() throws Exception {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(SCHEMA.json().toString());
    String good =
        """
        {"captures":[{"table":"person","ignoredColumns":["position"]}],"webhooks":[{"name":"a",
        "targetUrl":"https://example.org/a","secret":"env:A","headers":{"X":"file:x"},"timeout":null,
        "labels":{"team":"sales"}},{"name":"b","targetUrl":"https://example.org/b","secret":""}]}""";
    assertThat(schema.validate(good, InputFormat.JSON)).isEmpty();
    for (String bad :
        List.of(
            good.replace("env:A", "geheim"),
            good.replace("file:x", "geheim"),
            good.replace("\"secret\":\"\"", "\"colour\":\"blue\""),
            good.replace("{\"name\":\"b\",", "{"),
            good.replace("null", "7"),
            good.replace("\"captures\"", "\"tokens\""))) {
      assertThat(schema.validate(bad, InputFormat.JSON)).as(bad).isNotEmpty();
    }
  }
}
