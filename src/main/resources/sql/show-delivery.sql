-- Shows one delivery with the parts that its body is made of, as far as they are shown, and its attempts. A public key says
-- that the secret is one of a pair, which makes no signature of the CRM's own kind.
SELECT d.id, d.subscription_id AS "webhookId", webhooks.shown(coalesce(d.request ->> 'url', s.target_url), 2000) AS "targetUrl",
  s.secret <> '' AND 'standard' = ANY (s.signature_schemes) AS signed_standard,
  s.secret <> '' AND 'twenty' = ANY (s.signature_schemes)
    AND NOT (starts_with(s.secret, 'whsk_') OR starts_with(s.secret, '$aes-256-gcm$') AND s.public_key IS NOT NULL) AS signed_twenty,
  ARRAY(SELECT webhooks.shown(name, 200) FROM jsonb_object_keys(s.headers) AS name ORDER BY 1 LIMIT 100)
    || CASE WHEN s.oauth2 IS NOT NULL THEN ARRAY['Authorization'] END AS header_names, s.batch_size > 1 AS in_array,
  s.compress = 'gzip' AS zipped, s.format,
  to_json(s.fields)::text AS fields, webhooks.shown(s.body, 2000) AS program, s.content_type, s.cloud_events_mode, d.request,
  d.change_id AS "changeId", webhooks.shown(c.event, 2000) AS event,
  webhooks.shown(c.record_id, 2000) AS "recordId", d.state, d.replayed_by AS "replayId", d.attempts AS "attemptCount", coalesce(nullif(d.due_at, 'infinity'), (
      SELECT nullif(min(l.due_at), 'infinity') FROM webhooks.delivery l WHERE l.post_id = d.post_id AND l.state = d.state)) AS "dueAt",
  d.attempted_at AS "attemptedAt", d.duration_ms AS "durationMs", d.status, webhooks.shown(d.error, 2000) AS error, c.occurred_at AS "occurredAt",
  c.occurred_at::text AS occurred_at, webhooks.shown(s.workspace, 2000) AS workspace, s.shadow,
  webhooks.readable_origin(c.origin) AS origin,
  d.created_at AS "createdAt", webhooks.shown(d.body, CAST(:?most AS integer)) AS kept_body, d.schedule_from,
  webhooks.shown(c.record::text, CAST(:?most AS integer)) AS record_text, length(c.record::text) > CAST(:?most AS integer) AS record_cut,
  webhooks.shown(to_json(c.updated_fields)::text, 200000) AS updated_fields,
  d.body_left_out, d.made
FROM (
  -- the delivery
) d
LEFT JOIN webhooks.subscription s ON s.id = d.subscription_id
LEFT JOIN webhooks.change c ON c.id = d.change_id AND c.epoch = coalesce(d.epoch, c.epoch)
WHERE (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
