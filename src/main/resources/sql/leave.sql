-- A process that shuts down gives back what it had claimed, so that nobody waits for a lease to end.
WITH gone AS (
  DELETE FROM webhooks.node WHERE id = ? RETURNING id
), unfinished AS (
  UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending' AND id = ANY (?)
)
UPDATE webhooks.change_queue SET node = NULL, lease_until = NULL WHERE node IN (SELECT id FROM gone)
