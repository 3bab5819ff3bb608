package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.domain.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The fields of a webhook as callers set and see them. This is the one place to add a setting: a
 * line in {@link #all} and its schema in {@code openapi.json} let callers set, change and see it.
 * Thread-safe.
 */
final class WebhookFields {
  /**
   * A field that can be set.
   *
   * @param nullable whether null is a value, which then stands for the setting of the whole program
   * @param reader makes of what is given what is kept; throws {@link IllegalArgumentException} with
   *     what it expects
   */
  private record Field(
      String name, String column, boolean nullable, Function<JsonNode, JsonNode> reader) {
    /** How it is selected. */
    String shown() {
      return column.equals("headers")
          ? HEADER_NAMES
          : SHOWN.getOrDefault(column, column) + " AS \"" + name + '"';
    }
  }

  /** Columns that hold texts of any length, or a secret, and what of them is shown. */
  private static final Map<String, String> SHOWN =
      Map.of(
          "target_url", "webhooks.shown(target_url, 1997)",
          "description", "webhooks.shown(description, 997)",
          "filter", "webhooks.shown(filter, 2000)",
          "body", "webhooks.shown(body, 2000)",
          "fields", "(SELECT array_agg(webhooks.shown(name, 2000)) FROM unnest(fields) AS name)",
          "operations",
              "ARRAY(SELECT webhooks.shown(name, 2000) FROM unnest(operations) AS name LIMIT 500)",
          "oauth2", "oauth2 - 'clientSecret'");

  /** Header values may be secrets: of those that are kept only the names are shown. */
  private static final String HEADER_NAMES =
      "ARRAY(SELECT webhooks.shown(name, 200) FROM jsonb_object_keys(headers) AS name ORDER BY 1"
          + " LIMIT 100) AS \"headerNames\"";

  private final List<Field> all;

  /**
   * @param targetUrl checks a target URL and gives it back as it is to be kept
   * @param lease how long a delivery that is being sent may be silent
   */
  WebhookFields(UnaryOperator<String> targetUrl, Duration lease) {
    all =
        List.of(
            new Field(
                "targetUrl", "target_url", false, value -> WebhookValues.url(value, targetUrl)),
            new Field("operations", "operations", false, WebhookValues::operations),
            new Field("description", "description", true, WebhookValues.text(1000, text -> text)),
            new Field("labels", "labels", false, WebhookValues::labels),
            new Field("filter", "filter", true, WebhookValues::program),
            new Field(
                "format",
                "format",
                false,
                WebhookValues.oneOf("event", "native", "cloudevents", "thin", "custom")),
            new Field("fields", "fields", true, WebhookValues::recordFields),
            new Field("body", "body", true, WebhookValues::program),
            new Field("contentType", "content_type", true, WebhookValues::contentType),
            new Field(
                "cloudEventsMode",
                "cloud_events_mode",
                false,
                WebhookValues.oneOf("structured", "binary")),
            new Field("enabled", "enabled", false, WebhookValues::flag),
            new Field("concurrency", "concurrency", true, WebhookValues.integer(1, 10_000)),
            new Field("rateLimit", "rate_limit", true, WebhookValues::rateLimit),
            new Field(
                "timeout",
                "timeout",
                true,
                WebhookValues.text(20, given -> Limits.checkedTimeout(given, lease))),
            new Field(
                "retrySchedule",
                "retry_schedule",
                true,
                WebhookValues.text(700, Limits::checkedSchedule)),
            new Field("batchSize", "batch_size", false, WebhookValues.integer(1, 1000)),
            new Field("batchWait", "batch_wait", true, WebhookValues.text(20, Limits::checkedWait)),
            new Field("compress", "compress", false, WebhookValues.oneOf("none", "gzip")),
            new Field("headers", "headers", false, WebhookValues::headers),
            new Field("oauth2", "oauth2", true, value -> WebhookValues.oauth2(value, targetUrl)),
            new Field("tlsIdentity", "tls_identity", true, WebhookValues.text(64, name -> name)),
            new Field("ordering", "ordering", false, WebhookValues.oneOf("none", "record")),
            new Field("onDead", "on_dead", false, WebhookValues.oneOf("skip", "hold")),
            new Field("supersede", "supersede", false, WebhookValues::flag),
            new Field(
                "signatureSchemes", "signature_schemes", false, WebhookValues::signatureSchemes));
  }

  /**
   * Further fields that are shown, and ignored if they are sent back; the last three are the CRM's.
   */
  private static final Set<String> READ_ONLY =
      Set.of(
          "id",
          "source",
          "file",
          "name",
          "shadow",
          "liveFrom",
          "signed",
          "publicKey",
          "previousSecretUntil",
          "headerNames",
          "disabledAt",
          "disabledReason",
          "failingSince",
          "pausedUntil",
          "pauseReason",
          "failedDeliveryId",
          "createdAt",
          "updatedAt",
          "deletedAt",
          "workspaceId",
          "applicationId",
          "universalIdentifier");

  /** The columns of a webhook as it is shown; never its secret. */
  String shown() {
    StringBuilder columns = new StringBuilder("id");
    for (Field field : all) {
      columns.append(", ").append(field.shown());
    }
    return columns
        .append(endpoint("e.failing_since", "failingSince"))
        .append(endpoint("e.paused_until", "pausedUntil"))
        .append(endpoint("webhooks.shown(e.reason, 2000)", "pauseReason"))
        .append(endpoint("e.failed_delivery", "failedDeliveryId"))
        .append(
            ", source, managed_by AS file, managed_name AS name, shadow, live_from AS \"liveFrom\", disabled_at AS \"disabledAt\", webhooks.shown(disabled_reason, 2000) AS \"disabledReason\","
                + " secret <> '' AS signed,"
                + " CASE WHEN secret LIKE '$aes-256-gcm$%' THEN webhooks.shown(public_key, 200) END AS \"publicKey\","
                + " previous_secret_until AS \"previousSecretUntil\","
                + " webhooks.shown(workspace, 2000) AS workspace, created_at AS \"createdAt\", updated_at AS"
                + " \"updatedAt\", deleted_at AS \"deletedAt\","
                + " trunc(extract(epoch FROM updated_at) * 1000000)::text AS version")
        .toString();
  }

  /** The state of the endpoint; {@code id} is that of the webhook. */
  private static String endpoint(String column, String name) {
    return ", (SELECT %s FROM webhooks.endpoint e WHERE e.subscription_id = id) AS \"%s\""
        .formatted(column, name);
  }

  /**
   * Reads the fields of a body.
   *
   * @param body has them by name; missing ones stay missing
   * @param fields takes what is wrong with them
   * @return by column, for {@code jsonb_populate_record}
   */
  ObjectNode columns(ObjectNode body, Fields fields) {
    ObjectNode columns = Json.object();
    for (Field field : all) {
      JsonNode value = body.get(field.name());
      if (value == null) {
        continue;
      }
      if (value.isNull() && !field.nullable()) {
        fields.error(field.name(), "must not be null");
        continue;
      }
      columns.set(field.column(), fields.read(field.name(), field.reader()));
    }
    return columns;
  }

  /** The columns of the fields that can be set, by their names. */
  Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    all.forEach(field -> columns.put(field.name(), field.column()));
    return columns;
  }

  /** The names of the fields that can be set. */
  Set<String> names() {
    return all.stream().map(Field::name).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The fields of a body, any other name being an error.
   *
   * @param besides names of the request that are none of the webhook's settings
   */
  Fields of(ObjectNode body, String... besides) {
    List<String> allowed = new ArrayList<>(List.of(besides));
    all.forEach(field -> allowed.add(field.name()));
    allowed.addAll(READ_ONLY);
    return Fields.ofBody(body, allowed);
  }
}
