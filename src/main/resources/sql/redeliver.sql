-- Makes deliveries due now, whatever has become of them; for those that had ended the schedule begins anew. Not those of
-- deleted webhooks, nor a pending one that may be under way, which its lease tells. The attempt of one that succeeded at
-- once stands in its own row only, which the next attempt writes over, so it is kept.
WITH chosen AS MATERIALIZED (
  SELECT d.id, d.state, d.attempts, d.attempted_at, d.duration_ms, d.status
  FROM webhooks.delivery d
  JOIN webhooks.subscription s ON s.id = d.subscription_id AND s.deleted_at IS NULL
  WHERE d.id = ANY (CAST(:?ids AS text[]))
    AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
    AND (d.state <> 'pending' OR d.due_at > now() + CAST(:?lease AS interval))
  FOR UPDATE OF d SKIP LOCKED
), kept AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status)
  SELECT id, attempts, attempted_at, duration_ms, status FROM chosen
  WHERE state = 'delivered' AND attempts > 0
  ON CONFLICT (delivery_id, number) DO NOTHING
)
UPDATE webhooks.delivery d SET state = 'pending', due_at = now(),
  schedule_from = CASE WHEN chosen.state = 'pending' THEN d.schedule_from ELSE chosen.attempts END
FROM chosen
WHERE d.id = chosen.id
RETURNING d.id
