-- Shows one delivery with the parts that its body is made of, as far as they are shown, and its last 200 attempts. A
-- delivery that succeeded at once has no attempt row of its own. A public key says that the secret is one of a pair,
-- which makes no signature of the CRM's own kind.
SELECT d.id, d.subscription_id AS "webhookId", webhooks.shown(coalesce(d.request ->> 'url', s.target_url), 2000) AS "targetUrl",
  s.secret <> '' AND 'standard' = ANY (s.signature_schemes) AS signed_standard,
  s.secret <> '' AND 'twenty' = ANY (s.signature_schemes)
    AND NOT (starts_with(s.secret, 'whsk_') OR starts_with(s.secret, '$aes-256-gcm$') AND s.public_key IS NOT NULL) AS signed_twenty,
  ARRAY(SELECT webhooks.shown(name, 200) FROM jsonb_object_keys(s.headers) AS name ORDER BY 1 LIMIT 100) AS header_names, s.format, d.request,
  d.change_id AS "changeId", webhooks.shown(c.event, 2000) AS event,
  webhooks.shown(c.record_id, 2000) AS "recordId", d.state, d.replayed_by AS "replayId", d.attempts AS "attemptCount", nullif(d.due_at, 'infinity') AS "dueAt",
  d.attempted_at AS "attemptedAt", d.duration_ms AS "durationMs", d.status, webhooks.shown(d.error, 2000) AS error, c.occurred_at AS "occurredAt",
  c.occurred_at::text AS occurred_at, webhooks.shown(s.workspace, 2000) AS workspace, s.shadow,
  webhooks.readable_origin(c.origin) AS origin,
  d.created_at AS "createdAt", webhooks.shown(d.body, CAST(:?most AS integer)) AS kept_body, d.schedule_from,
  webhooks.shown(c.record::text, CAST(:?most AS integer)) AS record_text, length(c.record::text) > CAST(:?most AS integer) AS record_cut,
  webhooks.shown(to_json(c.updated_fields)::text, 200000) AS updated_fields,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'attemptedAt', a.attempted_at::text,
      'durationMs', a.duration_ms, 'status', a.status, 'error', webhooks.shown(a.error, 2000),
      'response', webhooks.shown(a.response, 4000)) ORDER BY a.number), '[]')
   FROM (
     (SELECT number, attempted_at, duration_ms, status, error, response FROM webhooks.attempt WHERE delivery_id = d.id
      ORDER BY number DESC LIMIT 200)
     UNION ALL
     SELECT d.attempts, d.attempted_at, d.duration_ms, d.status, d.error, NULL
     WHERE d.state = 'delivered'
       AND NOT EXISTS (SELECT FROM webhooks.attempt WHERE delivery_id = d.id AND number = d.attempts)) a) AS made
FROM webhooks.delivery d
LEFT JOIN webhooks.subscription s ON s.id = d.subscription_id
LEFT JOIN webhooks.change c ON c.id = d.change_id AND c.epoch = coalesce(d.epoch, c.epoch)
WHERE d.id = CAST(:?id AS text) COLLATE "C"
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
