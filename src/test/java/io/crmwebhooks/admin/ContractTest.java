package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ContractTest {
  private final Contract contract = Contract.load(setting -> "12");

  @Test
  void the_document_is_valid_openapi_3() {
    var result =
        new OpenAPIV3Parser()
            .readContents(contract.document().toString(), null, new ParseOptions());
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.getOpenAPI().getOpenapi()).startsWith("3.0");
  }

  @Test
  void the_default_of_a_field_is_the_value_of_the_setting_that_it_names() {
    JsonNode fields = contract.document().at("/components/schemas/WebhookChanges/properties");
    assertThat(fields.at("/timeout/default").textValue()).isEqualTo("12");
    assertThat(fields.at("/concurrency/default").intValue()).isEqualTo(12);
    assertThat(fields.path("rateLimit").has("default")).isFalse();
  }

  @Test
  void every_operation_of_the_document_is_a_verb_of_the_routes_and_the_other_way_round()
      throws IOException {
    List<String> verbs = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("routes"))) {
      for (Path file : files.sorted().toList()) {
        for (JsonNode node : new YAMLMapper().readTree(file.toFile())) {
          JsonNode rest = node.path("rest");
          rest.fields()
              .forEachRemaining(
                  verb ->
                      verb.getValue()
                          .forEach(
                              operation ->
                                  verbs.add(
                                      verb.getKey().toUpperCase(Locale.ROOT)
                                          + " "
                                          + rest.path("path").asText()
                                          + operation.path("path").asText()
                                          + " "
                                          + operation.at("/to/uri").asText())));
        }
      }
    }
    assertThat(contract.entries())
        .extracting(entry -> entry.method() + " " + entry.path() + " bean:" + entry.id())
        .containsExactlyInAnyOrderElementsOf(verbs);
  }

  @Test
  void everything_under_rest_takes_a_role_and_nothing_else_does() {
    assertThat(contract.entries())
        .isNotEmpty()
        .allMatch(entry -> (entry.role() != null) == entry.path().startsWith("/rest/"));
    assertThat(contract.entries())
        .filteredOn(entry -> entry.role() == Role.READ)
        .allMatch(entry -> entry.method().equals("GET"));
  }

  @Test
  void a_path_is_matched_with_its_parameters() {
    Contract.Match match = contract.match("GET", "/rest/webhooks/abc");
    assertThat(match.entry().id()).isEqualTo("getWebhook");
    assertThat(match.parameters()).containsEntry("id", "abc");
    assertThat(contract.match("POST", "/rest/deliveries/redeliver").entry().id())
        .isEqualTo("redeliverMany");
    assertThat(contract.match("GET", "/rest/deliveries/redeliver").entry().id())
        .isEqualTo("getDelivery");
  }

  @Test
  void what_is_not_in_the_document_is_refused() {
    assertThatThrownBy(() -> contract.match("GET", "/rest/webhooks/"))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
    assertThatThrownBy(() -> contract.match("GET", ""))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
    assertThatThrownBy(() -> contract.match("PUT", "/rest/webhooks/abc"))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.headers()).containsEntry("Allow", "DELETE, GET, PATCH"));
  }
}
