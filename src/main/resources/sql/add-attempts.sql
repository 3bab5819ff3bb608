-- Adds the attempts that a process has counted to those of each webhook and minute. (Ordered, so that two processes
-- never wait for each other crosswise.)
INSERT INTO webhooks.attempt_minute AS known (minute, subscription_id, delivered, failed, dead, durations)
SELECT to_timestamp(minute_ms / 1000.0), subscription_id, delivered, failed, dead, durations
FROM jsonb_to_recordset(CAST(:?rows AS jsonb)) AS r(
  minute_ms bigint, subscription_id uuid, delivered integer, failed integer, dead integer, durations integer[])
ORDER BY minute_ms, subscription_id
ON CONFLICT (minute, subscription_id) DO UPDATE SET
  delivered = known.delivered + excluded.delivered,
  failed = known.failed + excluded.failed,
  dead = known.dead + excluded.dead,
  durations = ARRAY(
    SELECT coalesce(a, 0) + coalesce(b, 0) FROM unnest(known.durations, excluded.durations) WITH ORDINALITY AS t(a, b, at) ORDER BY at)
