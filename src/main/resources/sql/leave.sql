-- A process that shuts down gives back its claims, so that nobody waits for a lease to end.
WITH gone AS (
  DELETE FROM webhooks.node WHERE id = CAST(:?node AS integer) RETURNING id
), unfinished AS (
  UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending' AND id = ANY (CAST(:?unfinished AS text[]))
), claims AS (
  DELETE FROM webhooks.claim WHERE node IN (SELECT id FROM gone)
  RETURNING changes
)
INSERT INTO webhooks.change_queue (id, bytes)
SELECT u.id, coalesce(c.bytes, 0)
FROM claims, unnest(claims.changes) AS u(id)
LEFT JOIN webhooks.change c ON c.id = u.id
ON CONFLICT (id) DO NOTHING
