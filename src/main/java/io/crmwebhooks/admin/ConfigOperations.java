package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Webhooks as files: makes those of a file, changes and removes them, all in one transaction or
 * none. A plan is the same work, taken back at its end, so that it refuses what the work would.
 * Thread-safe.
 */
public final class ConfigOperations {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigOperations.class);

  private final WebhookTable table;
  private final Sql sql;
  private final DestinationRules rules;
  private final News news;
  private final ObjectNode defaults;
  private final Duration overlap;

  /**
   * @param rules where they may lead
   * @param defaults the value of each field of a webhook that a file leaves out
   * @param overlap how long an old secret signs beside the one that replaces it
   */
  ConfigOperations(
      WebhookTable table,
      Sql sql,
      DestinationRules rules,
      News news,
      ObjectNode defaults,
      Duration overlap) {
    this.table = table;
    this.sql = sql;
    this.rules = rules;
    this.news = news;
    this.defaults = defaults;
    this.overlap = overlap;
  }

  /** Says what {@link #applyConfig} would do, and changes nothing. */
  public Answer planConfig(Call call) throws SQLException {
    return Answer.ok(run(call, read(call), true));
  }

  public Answer applyConfig(Call call) throws SQLException {
    WebhookFile file = read(call);
    ObjectNode done = run(call, file, false);
    for (JsonNode change : done.path("changes")) {
      String id = change.path("id").asText();
      LOG.info(
          "config.applied file=\"{}\" action={} webhook={}",
          file.name(),
          change.path("action").asText(),
          id);
      for (JsonNode field : change.path("fields")) {
        if (field.path("field").asText().equals("enabled") && field.path("from").asBoolean()) {
          news.tell("webhook.disabled", id, "by the file " + file.name());
        }
      }
    }
    return Answer.ok(done);
  }

  private WebhookFile read(Call call) {
    return WebhookFile.read(call, table.fields(), defaults, overlap);
  }

  private ObjectNode run(Call call, WebhookFile file, boolean planned) throws SQLException {
    // before the transaction, since it may have one of its own
    Secrets secrets = file.entries().isEmpty() ? null : table.secrets();
    return sql.transaction(
        connection -> {
          Sql.rows(connection, sql("lock-config.sql"), Map.of());
          ObjectNode done = run(connection, secrets, call, file, planned);
          if (planned) {
            connection.rollback();
          }
          return done;
        });
  }

  private ObjectNode run(
      Connection connection, Secrets secrets, Call call, WebhookFile file, boolean planned)
      throws SQLException {
    WebhookMatch match = WebhookMatch.of(file, table.listLocked(connection, call.workspace()));
    ConfigRun run = new ConfigRun(connection, table, secrets, file, defaults);
    if (match.conflicts().isEmpty()) {
      for (WebhookMatch.Pair pair : match.pairs()) {
        rules.check(
            call.workspace(),
            pair.before() == null ? Json.object() : pair.before(),
            pair.entry().columns(),
            pair.entry().fields());
        checkShape(connection, pair);
        run.compare(pair);
      }
    }
    refuse(409, match.conflicts());
    refuse(400, WebhookFile.errors(file.entries()));
    ObjectNode done = Json.object().put("file", file.name());
    done.set("changes", run.write(match.gone(), !planned));
    return done.put("unchanged", run.unchanged());
  }

  /** A field that an entry leaves out has its default. */
  private void checkShape(Connection connection, WebhookMatch.Pair pair) throws SQLException {
    Fields fields = pair.entry().fields();
    WebhookShape shape =
        new WebhookShape(pair.entry().workspace(), Json.object(), pair.entry().columns());
    shape.check(fields);
    if (fields.errors().isEmpty()) {
      shape.tryOut(connection, fields);
    }
  }

  private static void refuse(int status, List<Problem.FieldError> errors) {
    if (!errors.isEmpty()) {
      throw Problem.of(status, errors);
    }
  }
}
