-- Loads the webhooks; the disabled ones are only for tests of them. There is one row without an id when there is no
-- webhook, since the revision is always needed. What holds a secret is read only where all of them are sealed, because
-- messages of the routes are traced. plain says, in each row, whether any webhook has some in plain text.
SELECT r.revision, s.id, webhooks.shown(s.workspace, 200000) AS workspace, webhooks.shown(s.target_url, 10000) AS target_url,
  to_json(ARRAY(SELECT webhooks.shown(name, 200000) FROM unnest(s.operations) AS name LIMIT 10000))::text AS operations, s.concurrency,
  s.tls_identity, s.enabled,
  s.source, s.format, webhooks.shown(s.filter, 2000) AS filter, to_json(s.fields)::text AS fields,
  webhooks.shown(s.body, 2000) AS program, s.content_type, s.cloud_events_mode, webhooks.shown(s.description, 1000) AS description, s.labels::text AS labels,
  CASE WHEN s.shadow THEN 9223372036854775807 ELSE CAST(extract(epoch FROM s.live_from) * 1000000 AS bigint) END AS live_from,
  s.timeout, s.retry_schedule, s.rate_limit, s.batch_size, s.batch_wait, s.compress, s.ordering = 'record' AS in_order, s.on_dead = 'hold' AS hold, s.supersede,
  CASE WHEN stands.sealed THEN webhooks.shown(s.headers::text, 200000) END AS headers,
  CASE WHEN stands.sealed THEN webhooks.shown(s.oauth2::text, 200000) END AS oauth2,
  CASE WHEN stands.sealed THEN webhooks.shown(s.secret, 10000) END AS secret,
  CASE WHEN stands.sealed THEN webhooks.shown(s.previous_secret, 10000) END AS previous_secret,
  s.previous_secret_until::text, to_json(s.signature_schemes)::text AS signature_schemes,
  e.failing_since::text, e.paused_until::text, e.pauses, coalesce(bool_or(NOT stands.sealed) OVER (), false) AS plain
FROM webhooks.subscription_revision r
LEFT JOIN webhooks.subscription s ON s.deleted_at IS NULL
LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id
LEFT JOIN LATERAL (
  SELECT coalesce(bool_and(starts_with(stored, '$aes-256-gcm$')), true) AS sealed
  FROM webhooks.stored_secrets(s.secret, s.previous_secret, s.headers, s.oauth2) AS stored
) stands ON true
ORDER BY s.created_at, s.id
