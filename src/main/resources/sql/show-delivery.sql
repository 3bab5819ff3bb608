-- One delivery with what its body is made of and all of its attempts. One that succeeded at once has no row of its own.
-- A public key says that the secret is one of a pair, which makes no signature of the CRM's own kind.
SELECT d.id, d.subscription_id AS "webhookId", s.target_url AS "targetUrl",
  s.secret <> '' AND 'standard' = ANY (s.signature_schemes) AS signed_standard,
  s.secret <> '' AND 'twenty' = ANY (s.signature_schemes)
    AND NOT (starts_with(s.secret, 'whsk_') OR starts_with(s.secret, '$aes-256-gcm$') AND s.public_key IS NOT NULL) AS signed_twenty,
  ARRAY(SELECT jsonb_object_keys(s.headers) ORDER BY 1) AS header_names,
  d.change_id AS "changeId", c.event, c.record_id AS "recordId", d.state, d.replayed_by AS "replayId", d.attempts AS "attemptCount", nullif(d.due_at, 'infinity') AS "dueAt",
  d.attempted_at AS "attemptedAt", d.duration_ms AS "durationMs", d.status, d.error, c.occurred_at AS "occurredAt",
  d.created_at AS "createdAt", d.body AS kept_body, d.schedule_from, c.record::text AS record_text,
  to_json(c.updated_fields)::text AS updated_fields,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'attemptedMs', floor(extract(epoch FROM a.attempted_at) * 1000)::bigint,
      'durationMs', a.duration_ms, 'status', a.status, 'error', a.error, 'response', a.response) ORDER BY a.number), '[]')
   FROM (
     SELECT number, attempted_at, duration_ms, status, error, response FROM webhooks.attempt WHERE delivery_id = d.id
     UNION ALL
     SELECT d.attempts, d.attempted_at, d.duration_ms, d.status, d.error, NULL
     WHERE d.state = 'delivered'
       AND NOT EXISTS (SELECT FROM webhooks.attempt WHERE delivery_id = d.id AND number = d.attempts)) a) AS made
FROM webhooks.delivery d
LEFT JOIN webhooks.subscription s ON s.id = d.subscription_id
LEFT JOIN webhooks.change c ON c.id = d.change_id AND c.epoch = coalesce(d.epoch, c.epoch)
WHERE d.id = CAST(:?id AS text) COLLATE "C"
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
