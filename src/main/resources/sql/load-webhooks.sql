-- The webhooks, the disabled ones for tests of them only; one row without an id when there is none, since the revision is
-- always needed.
SELECT r.revision, s.id, s.workspace, s.target_url, to_json(s.operations)::text AS operations, s.concurrency,
  s.headers::text AS headers, s.tls_identity, s.enabled,
  s.timeout, s.retry_schedule, s.rate_limit, s.ordering = 'record' AS in_order, s.supersede,
  s.secret, s.previous_secret, s.previous_secret_until, to_json(s.signature_schemes)::text AS signature_schemes,
  e.failing_since, e.paused_until, e.pauses
FROM webhooks.subscription_revision r
LEFT JOIN webhooks.subscription s ON s.deleted_at IS NULL
LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id
ORDER BY s.created_at, s.id
