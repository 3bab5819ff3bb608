-- Makes deliveries due now that have arrived and are kept elsewhere. Each gets the row that it would have, had it been kept
-- here, with its attempts, and then falls due as in redeliver.sql. One that has a row by now is left: it is on its way. So is one
-- whose body is not kept, since later attempts must send the same bytes.
WITH outcome AS MATERIALIZED (
  -- the outcomes
), chosen AS MATERIALIZED (
  SELECT o.*, CASE WHEN s.ordering = 'record' OR s.supersede THEN (
    SELECT webhooks.record_key(s.id, object, record_id) FROM webhooks.change WHERE id = o.change_id) END AS record_key
  FROM outcome o
  JOIN webhooks.subscription s ON s.id = o.subscription_id AND s.deleted_at IS NULL AND NOT s.shadow
  WHERE (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text)) AND o.body_left_out IS NOT TRUE
), due AS (
  INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, replay_id, state, attempts, due_at, attempted_at,
    duration_ms, status, body, created_at, replayed_by, schedule_from, record_key, request)
  SELECT change_id, epoch, subscription_id, replay_id, 'pending', attempts, now(), attempted_at,
    duration_ms, status, body, created_at, replayed_by, attempts, record_key, request
  FROM chosen
  ON CONFLICT (id) DO NOTHING
  RETURNING id
), tried AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
  SELECT due.id, h.number, to_timestamp(h.attempted_ms / 1000.0), h.duration_ms, h.status, h.error, h.response
  FROM due
  JOIN chosen ON chosen.id = due.id
  CROSS JOIN LATERAL jsonb_to_recordset(coalesce(chosen.history, jsonb_build_array(jsonb_build_object('number', chosen.attempts,
    'attempted_ms', CAST(extract(epoch FROM chosen.attempted_at) * 1000 AS bigint), 'duration_ms', coalesce(chosen.duration_ms, 0),
    'status', chosen.status)))) AS h(
      number integer, attempted_ms bigint, duration_ms integer, status integer, error text, response text)
  ON CONFLICT (delivery_id, number) DO NOTHING
)
SELECT id FROM due
