-- This process lives and has these keys. Claims of processes that have missed five beats, and those whose lease has
-- ended, go back onto the queue.
WITH beat AS (
  INSERT INTO webhooks.node (id, seen_at, secret_keys) OVERRIDING SYSTEM VALUE
  VALUES (CAST(:?node AS integer), now(), CAST(:?secretKeys AS text[]))
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, secret_keys = excluded.secret_keys
), gone AS (
  DELETE FROM webhooks.node WHERE seen_at < now() - 5 * CAST(:?heartbeat AS interval) AND id <> CAST(:?node AS integer)
  RETURNING id
), lost AS (
  DELETE FROM webhooks.claim WHERE lease_until < now() OR node IN (SELECT id FROM gone)
  RETURNING changes
)
INSERT INTO webhooks.change_queue (id, bytes)
SELECT l.id, coalesce(c.bytes, 0)
FROM lost, unnest(lost.changes) AS l(id)
LEFT JOIN webhooks.change c ON c.id = l.id
ON CONFLICT (id) DO NOTHING
