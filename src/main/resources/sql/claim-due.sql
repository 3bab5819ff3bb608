-- Claims pending deliveries that are due, of each webhook as many as it has attempts free, by moving due_at to the end of
-- a lease: whoever dies with them only delays them. A webhook waits until half of its attempts are free, so that a claim
-- brings more than the one that has just become free.
WITH busy AS (
  SELECT * FROM jsonb_to_recordset(CAST(:?busy AS jsonb)) AS b(subscription_id uuid, in_flight integer)
), due AS (
  SELECT d.id
  FROM webhooks.subscription s
  LEFT JOIN busy b ON b.subscription_id = s.id
  CROSS JOIN LATERAL (
    SELECT coalesce(s.concurrency, CAST(:?concurrency AS integer)) AS most, coalesce(b.in_flight, 0) AS taken
  ) attempts
  CROSS JOIN LATERAL (
    SELECT id FROM webhooks.delivery
    WHERE subscription_id = s.id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT CASE WHEN attempts.taken * 2 <= attempts.most THEN attempts.most - attempts.taken ELSE 0 END
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE s.enabled AND s.deleted_at IS NULL
  LIMIT CAST(:?room AS integer)
), claimed AS (
  UPDATE webhooks.delivery d SET due_at = now() + CAST(:?lease AS interval)
  FROM due WHERE d.id = due.id
  RETURNING d.id, d.change_id, d.subscription_id, d.attempts, d.body
)
SELECT d.id, d.change_id, d.subscription_id, d.attempts, d.body, c.workspace, c.event, c.record_id,
  c.record::text AS record, to_json(c.updated_fields)::text AS updated_fields, c.occurred_at,
  (SELECT revision FROM webhooks.subscription_revision) AS revision
FROM claimed d
JOIN webhooks.change c ON c.id = d.change_id
ORDER BY d.id
