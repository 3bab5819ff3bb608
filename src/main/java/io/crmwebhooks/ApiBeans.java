package io.crmwebhooks;

import io.crmwebhooks.admin.DeliveryOperations;
import io.crmwebhooks.admin.EventOperations;
import io.crmwebhooks.admin.OverlappingRotation;
import io.crmwebhooks.admin.StatsOperations;
import io.crmwebhooks.admin.TokenOperations;
import io.crmwebhooks.admin.WebhookActions;
import io.crmwebhooks.admin.WebhookFields;
import io.crmwebhooks.admin.WebhookOperations;
import io.crmwebhooks.admin.WebhookSecrets;
import io.crmwebhooks.api.Answer;
import io.crmwebhooks.api.ApiProcessor;
import io.crmwebhooks.api.Contract;
import io.crmwebhooks.api.Operation;
import io.crmwebhooks.api.Tokens;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.dispatch.Subscriptions;
import io.crmwebhooks.egress.EgressRules;
import io.crmwebhooks.egress.TargetUrl;
import io.crmwebhooks.egress.TlsIdentities;
import io.crmwebhooks.reconcile.ReconciliationOperation;
import io.crmwebhooks.replay.ReplayOperations;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.stats.AttemptCounts;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;

/** The operations of the API under the names by which the REST routes call them. */
final class ApiBeans {
  private final Registry registry;
  private final Contract contract;

  private ApiBeans(Registry registry, Contract contract) {
    this.registry = registry;
    this.contract = contract;
  }

  /** To be called after the beans of the pipeline are bound. */
  static void bind(
      CamelContext context,
      Settings settings,
      Contract contract,
      Tokens tokens,
      Sql sql,
      Secrets secrets,
      AttemptCounts counts,
      Clock clock) {
    ApiBeans beans = new ApiBeans(context.getRegistry(), contract);
    Duration lease = settings.duration("webhooks.delivery.lease");
    beans.bind("showContract", call -> Answer.ok(contract.document()));

    WebhookSecrets signing = new WebhookSecrets(sql.dataSource(), secrets);
    WebhookOperations webhooks =
        new WebhookOperations(
            sql,
            secrets,
            signing,
            new WebhookFields(
                new TargetUrl(EgressRules.of(settings))::check,
                TlsIdentities.open(settings, clock)::check));
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
            context.getRegistry().lookupByNameAndType("subscriptions", Subscriptions.class),
            context.createProducerTemplate(),
            new OverlappingRotation(
                signing, settings.duration("webhooks.secrets.rotation-overlap")),
            lease,
            clock);
    beans.bind("testWebhook", actions::test);
    beans.bind("resumeWebhook", actions::resume);
    beans.bind("rotateSecret", actions::rotateSecret);

    DeliveryOperations deliveries =
        new DeliveryOperations(sql, lease, "crm-webhooks/" + CrmWebhooks.version());
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
    beans.bind("listTokens", tokenOperations::list);
    beans.bind("addToken", tokenOperations::add);
    beans.bind("revokeToken", tokenOperations::revoke);
  }

  /** Each is called as its {@code operationId} in {@code openapi.json}. */
  private void bind(String operationId, Operation operation) {
    registry.bind(operationId, new ApiProcessor(contract, operation));
  }
}
