-- A process that shuts down gives back its claims, so that nobody waits for a lease to end.
WITH gone AS (
  DELETE FROM webhooks.node WHERE id = CAST(:?node AS integer) RETURNING id
), unfinished AS (
  UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending' AND due_at < 'infinity' AND id = ANY (CAST(:?unfinished AS text[]))
), claims AS (
  DELETE FROM webhooks.claim WHERE node IN (SELECT id FROM gone)
  RETURNING id, changes
), freed AS (
  UPDATE webhooks.partition SET held = false WHERE held AND claim IN (SELECT id FROM claims)
)
INSERT INTO webhooks.change_queue (id)
SELECT unnest(changes) FROM claims
ON CONFLICT (id) DO NOTHING
