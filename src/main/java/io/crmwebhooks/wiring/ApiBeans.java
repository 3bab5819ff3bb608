package io.crmwebhooks.wiring;

import io.crmwebhooks.admin.Answer;
import io.crmwebhooks.admin.ApiProcessor;
import io.crmwebhooks.admin.ConsoleFiles;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.DeliveryOperations;
import io.crmwebhooks.admin.EventOperations;
import io.crmwebhooks.admin.Operation;
import io.crmwebhooks.admin.OverlappingRotation;
import io.crmwebhooks.admin.ReconciliationOperation;
import io.crmwebhooks.admin.ReplayOperations;
import io.crmwebhooks.admin.StatsOperations;
import io.crmwebhooks.admin.TokenOperations;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.admin.WebhookActions;
import io.crmwebhooks.admin.WebhookFields;
import io.crmwebhooks.admin.WebhookOperations;
import io.crmwebhooks.admin.WebhookSecrets;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.TargetUrl;
import io.crmwebhooks.http.TlsIdentities;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.pipeline.Subscriptions;
import io.crmwebhooks.pipeline.TestAttempt;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;

/** The operations of the API by their {@code operationId} in {@code openapi.json}. */
public final class ApiBeans {
  private final Map<String, Operation> operations = new LinkedHashMap<>();

  private ApiBeans() {}

  /**
   * Binds them under the names by which the REST routes call them; to be called after the beans of
   * the pipeline are bound.
   */
  static void bind(
      CamelContext context,
      Settings settings,
      Contract contract,
      Tokens tokens,
      Sql sql,
      Secrets secrets,
      AttemptCounts counts,
      News news,
      Clock clock) {
    TestAttempt attempt = testAttempt(context);
    operations(settings, contract, tokens, sql, () -> secrets, counts, () -> attempt, news, clock)
        .forEach(
            (id, operation) ->
                context.getRegistry().bind(id, new ApiProcessor(contract, operation)));
    context.getRegistry().bind("consoleFiles", new ConsoleFiles());
  }

  static TestAttempt testAttempt(CamelContext context) {
    return new TestAttempt(
        context.createProducerTemplate(),
        context.getRegistry().lookupByNameAndType("subscriptions", Subscriptions.class));
  }

  /**
   * All of them, for whoever calls them.
   *
   * @param secrets asked when the first secret is to be read or written
   * @param attempts makes test attempts; asked when the first one is wanted
   */
  public static Map<String, Operation> operations(
      Settings settings,
      Contract contract,
      Tokens tokens,
      Sql sql,
      Supplier<Secrets> secrets,
      AttemptCounts counts,
      Supplier<TestAttempt> attempts,
      News news,
      Clock clock) {
    ApiBeans beans = new ApiBeans();
    Duration lease = settings.duration("webhooks.delivery.lease");
    beans.bind("showContract", call -> Answer.ok(contract.document()));

    WebhookSecrets signing = new WebhookSecrets(sql.dataSource(), secrets);
    WebhookOperations webhooks =
        new WebhookOperations(
            sql,
            secrets,
            new WebhookFields(new TargetUrl(EgressRules.of(settings))::check, lease),
            TlsIdentities.open(settings, clock)::check,
            news);
    beans.bind("listWebhooks", webhooks::list);
    beans.bind("addWebhook", webhooks::add);
    beans.bind("getWebhook", webhooks::get);
    beans.bind("changeWebhook", webhooks::change);
    beans.bind("removeWebhook", webhooks::remove);
    beans.bind("enableWebhook", webhooks::enable);
    beans.bind("disableWebhook", webhooks::disable);
    WebhookActions actions =
        new WebhookActions(
            webhooks,
            sql,
            attempts,
            new OverlappingRotation(
                signing, settings.duration("webhooks.secrets.rotation-overlap")),
            lease,
            clock);
    beans.bind("testWebhook", actions::test);
    beans.bind("resumeWebhook", actions::resume);
    beans.bind("rotateSecret", actions::rotateSecret);

    DeliveryOperations deliveries = new DeliveryOperations(sql, lease);
    beans.bind("listDeliveries", deliveries::list);
    beans.bind("getDelivery", deliveries::get);
    beans.bind("redeliver", deliveries::redeliver);
    beans.bind("redeliverMany", deliveries::redeliverMany);

    ReplayOperations replays = new ReplayOperations(sql);
    beans.bind("listReplays", replays::list);
    beans.bind("startReplay", replays::start);
    beans.bind("getReplay", replays::get);
    beans.bind("pauseReplay", replays::pause);
    beans.bind("resumeReplay", replays::resume);
    beans.bind("cancelReplay", replays::cancel);
    beans.bind("reconcile", new ReconciliationOperation(sql));

    EventOperations events = new EventOperations(sql);
    beans.bind("listEvents", events::list);
    beans.bind("getEvent", events::get);

    beans.bind("showStats", new StatsOperations(sql, counts, clock)::show);

    TokenOperations tokenOperations = new TokenOperations(tokens);
    beans.bind("showCaller", tokenOperations::caller);
    beans.bind("listTokens", tokenOperations::list);
    beans.bind("addToken", tokenOperations::add);
    beans.bind("revokeToken", tokenOperations::revoke);
    return beans.operations;
  }

  private void bind(String operationId, Operation operation) {
    operations.put(operationId, operation);
  }
}
