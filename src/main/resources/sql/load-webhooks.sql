-- The webhooks, the disabled ones for tests of them only; one row without an id when there is none, since the revision is
-- always needed. Secrets and headers are read only where all of them are sealed, since messages of the routes are traced; plain
-- says, in each row, whether any webhook has some in plain text. (The same values as HeaderValues.)
SELECT r.revision, s.id, s.workspace, s.target_url, to_json(s.operations)::text AS operations, s.concurrency,
  s.tls_identity, s.enabled,
  s.timeout, s.retry_schedule, s.rate_limit, s.ordering = 'record' AS in_order, s.supersede,
  CASE WHEN stands.sealed THEN s.headers::text END AS headers, CASE WHEN stands.sealed THEN s.secret END AS secret,
  CASE WHEN stands.sealed THEN s.previous_secret END AS previous_secret,
  s.previous_secret_until, to_json(s.signature_schemes)::text AS signature_schemes,
  e.failing_since, e.paused_until, e.pauses, coalesce(bool_or(NOT stands.sealed) OVER (), false) AS plain
FROM webhooks.subscription_revision r
LEFT JOIN webhooks.subscription s ON s.deleted_at IS NULL
LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id
LEFT JOIN LATERAL (
  SELECT bool_and(value = '' OR starts_with(value, '$aes-256-gcm$')) AS sealed
  FROM (
    SELECT s.secret UNION ALL SELECT s.previous_secret
    UNION ALL SELECT h.value #>> '{}' FROM jsonb_each(s.headers) h
      WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
  ) AS stored(value)
) stands ON true
ORDER BY s.created_at, s.id
