-- This process lives; the claims of those that have missed five beats are free at once, before their leases end.
WITH beat AS (
  INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (CAST(:?node AS integer), now())
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
), gone AS (
  DELETE FROM webhooks.node WHERE seen_at < now() - 5 * CAST(:?heartbeat AS interval) AND id <> CAST(:?node AS integer)
  RETURNING id
)
UPDATE webhooks.change_queue SET node = NULL, lease_until = NULL WHERE node IN (SELECT id FROM gone)
