-- Reads those of the deliveries in "outcomes" that have arrived, with their latest attempts, as messages for the topic of
-- outcomes.
SELECT d.id, CASE WHEN c.record_id IS NULL THEN CAST(d.change_id AS text) ELSE c.workspace || ' ' || c.object || '.' || c.record_id END AS key,
  jsonb_strip_nulls(jsonb_build_object(
    'id', d.id, 'change_id', d.change_id, 'epoch', d.epoch, 'subscription_id', d.subscription_id, 'replay_id', d.replay_id,
    'workspace', c.workspace, 'event', c.event, 'record_id', c.record_id, 'attempts', d.attempts,
    'attempted_ms', CAST(extract(epoch FROM d.attempted_at) * 1000 AS bigint), 'duration_ms', d.duration_ms, 'status', d.status,
    'created_ms', CAST(extract(epoch FROM d.created_at) * 1000 AS bigint), 'body', CASE WHEN length(d.body) <= 65536 THEN d.body END,
    'body_left_out', CASE WHEN length(d.body) > 65536 THEN true END, 'request', d.request,
    'history', (
      SELECT jsonb_agg(jsonb_build_object('number', number, 'attempted_ms', CAST(extract(epoch FROM attempted_at) * 1000 AS bigint),
        'duration_ms', duration_ms, 'status', status, 'error', error, 'response', response) ORDER BY number)
      FROM (SELECT * FROM webhooks.attempt WHERE delivery_id = d.id ORDER BY number DESC LIMIT 50) latest)))::text AS value
FROM jsonb_to_recordset(CAST(:?outcomes AS jsonb)) AS o(id text, state text)
CROSS JOIN LATERAL (SELECT * FROM webhooks.delivery WHERE id = o.id AND state = 'delivered' LIMIT 1) d
LEFT JOIN webhooks.change c ON c.id = d.change_id
WHERE o.state = 'delivered'
