package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whom a command asks, and how it shows the answer: the mixin of each command of the API. */
@Command(mixinStandardHelpOptions = true)
class Session extends Console {
  private static final class Target {
    @Option(
        names = "--url",
        paramLabel = "URL",
        description =
            "Ask the server there, such as http://localhost:8080. Default: $WEBHOOKS_URL.")
    private String url;

    @Option(
        names = "--token",
        paramLabel = "TOKEN",
        description =
            "Token for that server. Default: $WEBHOOKS_TOKEN, which other users of this machine"
                + " cannot see.")
    private String token;

    @Option(
        names = "--database",
        description =
            "Work on the database of the settings, whether or not a server runs. Default: when no"
                + " URL is known.")
    private boolean database;
  }

  @ArgGroup(exclusive = false, order = 90, heading = "%nWhom to ask:%n")
  private Target target = new Target();

  /** The part of a command that asks. */
  interface Work {
    /**
     * @return one of {@link ExitCode}
     */
    int with(AdminApi api) throws Exception;
  }

  /** Asks the server whose URL is known, and without one the database of the settings. */
  final int run(Work work) throws Exception {
    try (AdminApi api = open()) {
      return work.with(api);
    }
  }

  /** Asks once and prints the answer. */
  final int show(Request request, Function<JsonNode, String> words) throws Exception {
    return run(
        api -> {
          print(api.call(request), words);
          return ExitCode.OK;
        });
  }

  /**
   * Removes one of a list.
   *
   * @param done the message after success, such as "revoked token"
   */
  final int remove(String list, UUID id, String done) throws Exception {
    return run(
        api -> {
          api.call(Request.delete(list + "/" + id));
          JsonNode answer = Json.object().put(done.split(" ")[0], id.toString());
          print(answer, words -> done + " " + id);
          return ExitCode.OK;
        });
  }

  /**
   * The body of a request that does something to several of a list: they are named, or chosen.
   *
   * @param list the name of the list, for messages
   * @param ids null: none is named
   * @param filter whose query chooses
   * @param all whether all of them are chosen
   * @param options that choose, for messages
   */
  final ObjectNode choice(String list, List<?> ids, Request filter, boolean all, String options) {
    ObjectNode body = filter.queryAsFields();
    boolean chosen = all || !body.isEmpty();
    if (all && !body.isEmpty()) {
      throw wrongUsage("give --all or a filter, not both");
    }
    if (ids != null && chosen) {
      throw wrongUsage("name %s or give a filter, not both".formatted(list));
    }
    if (ids == null && !chosen) {
      throw wrongUsage("say which: their ids, a filter such as " + options);
    }
    if (ids != null) {
      body.putPOJO("ids", ids);
    }
    return body;
  }

  private AdminApi open() {
    Program program = Program.of(spec());
    Map<String, String> environment = program.environment();
    if (target.database && target.url != null) {
      throw wrongUsage("--url and --database: give one, whom to ask");
    }
    String asked = target.database ? null : orVariable(target.url, environment.get("WEBHOOKS_URL"));
    if (asked != null) {
      return HttpApi.of(asked, orVariable(target.token, environment.get("WEBHOOKS_TOKEN")));
    }
    if (target.token != null) {
      throw wrongUsage("--token is for a server: give its --url, or set WEBHOOKS_URL");
    }
    return DirectApi.open(program.settings());
  }

  private static String orVariable(String option, String variable) {
    if (option != null) {
      return option;
    }
    return variable == null || variable.isBlank() ? null : variable.trim();
  }

  /** For lists that the API gives page by page. */
  static final class Paged extends Session {
    @Option(
        names = {"-n", "--limit"},
        defaultValue = "50",
        description = "How many at most. Default: ${DEFAULT-VALUE}.")
    private int limit;

    /** Prints the first rows of a list. */
    int list(Request list, Function<JsonNode, String> words) throws Exception {
      return list(list, words, page -> Optional.empty());
    }

    /**
     * As {@link #list(Request, Function)}.
     *
     * @param remark on a page, beside the rows
     */
    int list(
        Request list, Function<JsonNode, String> words, Function<JsonNode, Optional<String>> remark)
        throws Exception {
      if (limit < 1) {
        throw wrongUsage("--limit must be at least 1, but is " + limit);
      }
      return run(
          api -> {
            ArrayNode rows;
            Set<String> remarks = new LinkedHashSet<>();
            try (Bar bar = bar()) {
              rows =
                  api.rows(
                      list,
                      limit,
                      found -> bar.note("looking back, %,d found".formatted(found)),
                      page -> remark.apply(page).ifPresent(remarks::add));
            }
            print(rows, words);
            remarks.forEach(spec().commandLine().getErr()::println);
            return ExitCode.OK;
          });
    }
  }
}
