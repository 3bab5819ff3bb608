package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.settings.Settings;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  void every_operation_of_the_document_has_a_method_of_its_name() {
    Api.Surroundings none =
        new Api.Surroundings(() -> null, () -> null, null, News.UNTOLD, Delivered.NOWHERE, Set::of);
    Settings settings = Settings.load(Path.of("none"), Map.of(), Map.of());
    assertThat(Api.open(settings, new Sql(null), new Tokens(null, ""), none, Clock.systemUTC()))
        .isNotNull();
    assertThatThrownBy(() -> new Api(contract).answerBy(new Reconciliation(null)).complete())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("listWebhooks")
        .hasMessageContaining("the methods are [reconcile, showContract]");
  }

  @Test
  void a_path_with_a_name_goes_before_one_with_a_parameter_wherever_it_stands() {
    ObjectNode document = Json.object();
    ObjectNode paths = document.putObject("paths");
    for (String path :
        List.of(
            "/rest/{kind}/{id}",
            "/rest/webhooks/{id}",
            "/rest/{kind}/paused",
            "/rest/webhooks/paused")) {
      paths.putObject(path).putObject("get").put("operationId", path);
    }
    Contract ambiguous = new Contract(document);
    assertThat(
            List.of(
                "/rest/webhooks/paused",
                "/rest/webhooks/1",
                "/rest/others/paused",
                "/rest/others/1"))
        .extracting(path -> ambiguous.match("GET", path).entry().id())
        .containsExactly(
            "/rest/webhooks/paused",
            "/rest/webhooks/{id}",
            "/rest/{kind}/paused",
            "/rest/{kind}/{id}");
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
