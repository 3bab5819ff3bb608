package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Role;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks token add}. */
@Command(
    name = "add",
    description = "Makes a token and shows it once.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks token add 'night shift' --role operate")
final class AddToken extends ApiCommand {
  @Parameters(paramLabel = "NAME", description = "Whose it is, or what it is for.")
  private String name;

  @Option(
      names = {"-r", "--role"},
      defaultValue = "read",
      description =
          "What it may do: ${COMPLETION-CANDIDATES}. read looks at everything but secrets, operate"
              + " also tests, enables and redelivers, admin does all. Default: ${DEFAULT-VALUE}.")
  private Role role;

  @Option(
      names = {"-w", "--workspace"},
      description = "The only CRM workspace that it shows. Default: all.")
  private String workspace;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    ObjectNode body = Json.object().put("name", name).put("role", role.word());
    if (workspace != null) {
      body.put("workspace", workspace);
    }
    console.print(api.call(Request.post("/rest/tokens").with(body)), AddToken::words);
    return ExitCode.OK;
  }

  private static String words(JsonNode token) {
    return "added token %s%ntoken %s%nIt is shown this once."
        .formatted(token.path("id").asText(), token.path("token").asText());
  }
}
