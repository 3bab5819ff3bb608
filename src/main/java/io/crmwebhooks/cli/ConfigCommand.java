package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.ManagedCaptures;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.AdminApi.Request;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks config}: webhooks and captured tables as a file. */
@Command(
    name = "config",
    description = "Keeps webhooks and captured tables in a file; docs/config.md says how.",
    footer = {
      "  crm-webhooks config export > webhooks.yaml",
      "  crm-webhooks config plan webhooks.yaml",
      "  crm-webhooks config apply webhooks.yaml"
    })
final class ConfigCommand extends Program.Group {
  /** Asks about a file. */
  static final class OfFile extends Session {
    @Parameters(paramLabel = "FILE", description = "The file; - reads stdin.")
    private Path path;

    @Option(
        names = "--overlap",
        paramLabel = "DURATION",
        description =
            "How long the old secret still signs where the file has another, such as 24h; 0 ends it now. Default: webhooks.secrets.rotation-overlap.")
    private String overlap;

    private ObjectNode ask(AdminApi api, ConfigFile file, String verb) throws Exception {
      ObjectNode body = Json.object().put("file", file.name());
      if (overlap != null) {
        body.put("overlap", overlap);
      }
      body.set("webhooks", file.webhooks(Program.of(spec()).environment()));
      try {
        return (ObjectNode) api.call(Request.post("/rest/config/" + verb).with(body));
      } catch (Problem e) {
        throw file.explained(e);
      }
    }

    private ConfigFile read(AdminApi api) throws Exception {
      return ConfigFile.read(path, schema(api));
    }

    /** Which tables leave the CRM is for the database to say, not for a token. */
    private Optional<ManagedCaptures> captures(AdminApi api, ConfigFile file) {
      Optional<Captures> captures = api.captures();
      if (captures.isEmpty() && !file.captures().isEmpty()) {
        spec()
            .commandLine()
            .getErr()
            .printf(
                "crm-webhooks: the captures of %s are left as they are; they take --database%n",
                path);
      }
      return captures.map(ManagedCaptures::new);
    }

    private static ArrayNode json(List<ManagedCaptures.Step> steps) {
      ArrayNode json = Json.array();
      steps.forEach(step -> json.add(step.json()));
      return json;
    }
  }

  private PrintWriter err() {
    return commandLine().getErr();
  }

  private static ConfigSchema schema(AdminApi api) throws Exception {
    return new ConfigSchema(api.call(Request.get("/openapi.json")));
  }

  @Command(
      name = "export",
      description =
          "Prints all webhooks and captured tables as such a file, without secrets and tokens.",
      footer = "  crm-webhooks config export > webhooks.yaml")
  int export(@Mixin Session session) throws Exception {
    return session.run(
        api -> {
          JsonNode webhooks = api.call(Request.get("/rest/webhooks"));
          List<ObjectNode> captures = api.captures().map(Captures::list).orElse(null);
          if (captures == null) {
            err().println("crm-webhooks: captured tables are left out; they take --database");
          }
          if (webhooks.findValuesAsText("source").contains("twenty")) {
            err().println("crm-webhooks: webhooks made in Twenty are left out; they stand there");
          }
          ObjectNode file = new ConfigExport(schema(api)).file(webhooks, captures);
          session.print(file, ConfigExport::yaml);
          return ExitCode.OK;
        });
  }

  @Command(
      name = "plan",
      description = "Says what apply would do, and does nothing.",
      exitCodeList = {"0:all is as the file says", "6:there is a difference"},
      footer = "  crm-webhooks config plan webhooks.yaml")
  int plan(@Mixin OfFile of) throws Exception {
    return of.run(
        api -> {
          ConfigFile file = of.read(api);
          ObjectNode plan = of.ask(api, file, "plan");
          of.captures(api, file)
              .ifPresent(
                  captures ->
                      plan.set(
                          "captures", OfFile.json(captures.steps(file.name(), file.captures()))));
          of.print(plan, ConfigText::plan);
          return ConfigText.isEmpty(plan) ? ExitCode.OK : ExitCode.DIFFERENT;
        });
  }

  @Command(
      name = "apply",
      description =
          "Makes, changes and removes webhooks until they are as the file says, all or none; then the captured tables, one after the other.",
      exitCodeList = {
        "0:all is as the file says",
        "1:a table could not be captured, or a webhook is not the file's to change"
      },
      footer = {
        "  crm-webhooks config apply webhooks.yaml",
        "  crm-webhooks config apply webhooks.yaml --overlap 0     # an old secret has leaked"
      })
  int apply(@Mixin OfFile of) throws Exception {
    return of.run(
        api -> {
          ConfigFile file = of.read(api);
          ObjectNode done = of.ask(api, file, "apply");
          List<ManagedCaptures.Step> steps =
              of.captures(api, file)
                  .map(
                      captures ->
                          captures.carryOut(
                              file.name(), captures.steps(file.name(), file.captures())))
                  .orElse(List.of());
          done.set("captures", OfFile.json(steps));
          of.print(done, ConfigText::applied);
          boolean all = steps.stream().allMatch(step -> step.problem() == null);
          return all ? ExitCode.OK : ExitCode.FAILED;
        });
  }

  @Command(
      name = "schema",
      mixinStandardHelpOptions = true,
      description = "Prints the JSON Schema of such a file, for editors.",
      footer = "  crm-webhooks config schema > webhooks.schema.json")
  void schema() {
    Contract contract = Contract.load(setting -> "0");
    out().println(new ConfigSchema(contract.document()).json().toPrettyString());
  }
}
