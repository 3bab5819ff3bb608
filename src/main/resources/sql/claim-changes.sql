-- Claims the oldest queued changes that nobody holds: never a cursor on ids, which commit out of order. Only the narrow
-- queue is written, and no more taken than fits into memory (at least one;
-- a record that is too large by itself is not read). The revision comes from the same snapshot, so that a change is matched with every webhook committed
-- before it.
WITH claimed AS (
  UPDATE webhooks.change_queue q
  SET node = CAST(:?node AS integer), lease_until = now() + CAST(:?lease AS interval)
  FROM (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before
    FROM (
      SELECT id, bytes FROM webhooks.change_queue
      WHERE lease_until IS NULL OR lease_until < now()
      ORDER BY id
      LIMIT CAST(:?batchSize AS integer)
      FOR UPDATE SKIP LOCKED
    ) oldest
  ) free
  WHERE q.id = free.id AND free.bytes_before < CAST(:?batchBytes AS bigint)
  RETURNING q.id
)
SELECT q.id AS change_id, c.workspace, c.event, c.record_id, 
  CASE WHEN c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record::text END AS record, c.bytes,
  to_json(c.updated_fields)::text AS updated_fields, c.occurred_at,
  (SELECT revision FROM webhooks.subscription_revision) AS revision
FROM claimed q
LEFT JOIN webhooks.change c ON c.id = q.id
ORDER BY q.id
