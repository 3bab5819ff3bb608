package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.Trial;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.wiring.TriedRoutes;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crm-webhooks routes try}. */
@Command(
    name = "try",
    description = {
      "Takes captured changes, or one of a file, through the edited routes in this process, and prints"
          + " what differs. Sends and writes nothing. Steps that have effects outside are not taken."
    },
    exitCodeList = {
      "0:done",
      "1:a change fails, or there is no such change or webhook",
      "2:wrong usage, or the routes would not start",
      "3:the database cannot be reached"
    },
    footer = {
      "  crm-webhooks routes try --event 4711",
      "  crm-webhooks routes try --last 100 --webhook 5a17e000-0000-4000-8000-000000000001",
      "  crm-webhooks routes try --file person.json --as person.updated"
    })
final class RoutesTryCommand implements Callable<Integer> {
  private static final int MOST = 1000;

  /** The changes to be taken. */
  static final class Source {
    @Option(
        names = "--event",
        paramLabel = "ID",
        description = "This change, as event list shows it.")
    private Long event;

    @Option(names = "--last", paramLabel = "COUNT", description = "The newest, 1000 at most.")
    private Integer last;

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description =
            "A change as JSON, with event and record, or with event and data as it is sent; or a record"
                + " alone, with --as.")
    private Path file;
  }

  @Mixin private Console console;

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Option(
      names = "--as",
      paramLabel = "EVENT",
      description = "The event of the file, such as person.updated.")
  private String event;

  @Option(
      names = "--webhook",
      paramLabel = "ID",
      description = "Only what this webhook is sent. Default: all that want the change.")
  private UUID webhook;

  @Option(
      names = "--with-effects",
      description =
          "Also take steps that send to, or ask, something outside, such as an HTTP request.")
  private boolean withEffects;

  @Override
  public Integer call() throws SQLException {
    if (source.last != null && (source.last < 1 || source.last > MOST)) {
      throw console.wrongUsage("--last must be from 1 to %d".formatted(MOST));
    }
    if (event != null && source.file == null) {
      throw console.wrongUsage("--as says what the --file is");
    }
    Settings settings = Program.of(console.spec()).settings();
    List<Change> changes = new ArrayList<>();
    List<Map<String, Object>> webhooks = new ArrayList<>();
    if (source.file != null) {
      changes.add(TriedChanges.ofFile(source.file, event));
    }
    if (source.file == null || webhook != null) {
      Database.look(
          settings,
          connection -> {
            TriedChanges stored = new TriedChanges(connection);
            if (source.file == null) {
              changes.addAll(stored.read(source.event, source.last, settings));
            }
            webhooks.addAll(stored.webhooks(webhook));
            return null;
          });
    }
    ArrayNode results = Json.array();
    boolean failed = false;
    try (TriedRoutes routes = TriedRoutes.start(settings, webhooks, withEffects)) {
      for (Change change : changes) {
        Trial.Result result = routes.attempt(change);
        failed |= result.failure() != null;
        result.bodies().stream()
            .filter(body -> webhook == null || webhook.equals(body.webhook()))
            .forEach(body -> results.add(json(result, body)));
      }
    } catch (StartupException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage());
    }
    console.print(results, TriedText::of);
    return failed ? ExitCode.FAILED : ExitCode.OK;
  }

  private static JsonNode json(Trial.Result result, Trial.Body body) {
    ObjectNode json =
        Json.object()
            .put("event", result.change().getEvent())
            .put("changeId", result.change().getId())
            .put("webhookId", body.webhook() == null ? null : body.webhook().toString())
            .put("sent", body.after() != null && body.webhook() != null)
            .put("reason", reason(result, body))
            .put("failed", result.failure() != null);
    json.set("before", TriedChanges.json(body.before()));
    json.set("after", TriedChanges.json(body.after()));
    if (body.request() != null && body.after() != null) {
      putIfAny(json, "url", body.request().url());
      putIfAny(json, "contentType", body.request().contentType());
      body.request().headers().forEach(json.withObject("/headers")::put);
    }
    result.skipped().forEach(json.withArray("skipped")::add);
    return json;
  }

  private static void putIfAny(ObjectNode json, String field, String value) {
    if (value != null) {
      json.put(field, value);
    }
  }

  private static String reason(Trial.Result result, Trial.Body body) {
    if (result.failure() != null) {
      return result.failure();
    }
    if (result.dropped()) {
      return "dropped by customise-change";
    }
    if (body.reason() != null) {
      return body.reason();
    }
    if (body.after() == null) {
      return "dropped by customise-delivery";
    }
    return body.webhook() == null ? "no webhook wants it" : null;
  }
}
