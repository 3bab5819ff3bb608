-- Makes rows like those of webhooks.delivery of outcomes that are kept elsewhere.
SELECT o.id COLLATE "C" AS id, o.change_id, o.epoch, o.subscription_id, coalesce(o.replay_id, 0) AS replay_id,
  'delivered' AS state, o.attempts, NULL::timestamptz AS due_at, to_timestamp(o.attempted_ms / 1000.0) AS attempted_at,
  o.duration_ms, o.status, NULL::text AS error, o.body,
  to_timestamp(coalesce(o.created_ms, o.attempted_ms) / 1000.0) AS created_at, o.replayed_by, o.schedule_from, o.request, NULL::text AS post_id, o.history, o.body_left_out
FROM jsonb_to_recordset(CAST(:?outcomes AS jsonb)) AS o(
  id text, change_id bigint, epoch bigint, subscription_id uuid, replay_id bigint, attempts integer, attempted_ms bigint,
  duration_ms integer, status integer, created_ms bigint, body text, replayed_by bigint, schedule_from integer, request jsonb,
  history jsonb, body_left_out boolean)
