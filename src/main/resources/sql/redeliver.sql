-- Makes deliveries due now, whatever their state. The schedule of those that had ended begins anew. It leaves those of
-- deleted webhooks and of those in shadow, those that a route has left out, and a pending one that may be in flight, as
-- its lease tells. A delivery that succeeded at once has its attempt in its own row only. The next attempt writes over that
-- row, so the attempt is kept apart. It names no record either; now it does, since later deliveries of the record wait.
-- One of a POST of many leaves it.
WITH chosen AS MATERIALIZED (
  SELECT d.id, d.state, d.attempts, d.attempted_at, d.duration_ms, d.status, CASE
      WHEN d.record_key IS NOT NULL THEN d.record_key
      WHEN s.ordering = 'record' OR s.supersede THEN (
        SELECT webhooks.record_key(s.id, object, record_id) FROM webhooks.change WHERE id = d.change_id) END AS record_key
  FROM webhooks.delivery d
  JOIN webhooks.subscription s ON s.id = d.subscription_id AND s.deleted_at IS NULL AND NOT s.shadow
  WHERE d.id = ANY (CAST(:?ids AS text[]))
    AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
    AND d.error IS DISTINCT FROM 'left out by customise-delivery'
    AND (d.state <> 'pending' OR d.due_at > now() + CAST(:?lease AS interval) AND (d.post_id IS NULL OR d.due_at < 'infinity' OR (
      SELECT due_at FROM webhooks.delivery h WHERE h.post_id = d.post_id AND h.state = d.state ORDER BY due_at LIMIT 1
    ) > now() + CAST(:?lease AS interval)))
  FOR UPDATE OF d SKIP LOCKED
), kept AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status)
  SELECT id, attempts, attempted_at, duration_ms, status FROM chosen
  WHERE state = 'delivered' AND attempts > 0
  ON CONFLICT (delivery_id, number) DO NOTHING
)
UPDATE webhooks.delivery d SET state = 'pending', due_at = now(), record_key = chosen.record_key, post_id = NULL, waits = NULL,
  schedule_from = CASE WHEN chosen.state = 'pending' THEN d.schedule_from ELSE chosen.attempts END
FROM chosen
WHERE d.id = chosen.id
RETURNING d.id
