-- Claims pending deliveries that are due, of each webhook as many as it has attempts free, by moving due_at to the end of
-- a lease: whoever dies with them only delays them. A webhook waits until half of its attempts are free, so that a claim
-- brings more than the one that has just become free. No more is taken than fits into memory (at least one). A delivery
-- whose change has been removed or emptied can never be sent and dies here. (Rows by their place, and each change by
-- itself: see claim-changes.sql.)
-- Of a paused webhook nothing is taken until its pause is over, and then one delivery, as a probe: whoever takes it holds
-- the endpoint's row and moves the end of the pause to that of the lease, so there is one probe over all processes. Rows
-- are held only where something is due, since holding one is a write.
WITH busy AS (
  SELECT * FROM jsonb_to_recordset(CAST(:?busy AS jsonb)) AS b(subscription_id uuid, in_flight integer, most integer)
), open AS MATERIALIZED (
  SELECT e.subscription_id
  FROM webhooks.endpoint e
  CROSS JOIN LATERAL (
    SELECT FROM webhooks.delivery
    WHERE subscription_id = e.subscription_id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT 1
  ) waiting
  WHERE e.paused_until <= now()
  FOR UPDATE OF e SKIP LOCKED
), due AS MATERIALIZED (
  SELECT d.id, d.place, d.due_at, d.change_id
  FROM webhooks.subscription s
  LEFT JOIN busy b ON b.subscription_id = s.id
  LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id AND e.paused_until IS NOT NULL
  LEFT JOIN open o ON o.subscription_id = s.id
  CROSS JOIN LATERAL (
    SELECT least(coalesce(s.concurrency, CAST(:?concurrency AS integer)), b.most) AS most,
      coalesce(b.in_flight, 0) AS taken
  ) attempts
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id FROM webhooks.delivery
    WHERE subscription_id = s.id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT CASE
      WHEN attempts.taken * 2 > attempts.most THEN 0
      WHEN o.subscription_id IS NOT NULL THEN 1
      WHEN e.subscription_id IS NOT NULL THEN 0
      ELSE attempts.most - attempts.taken
    END
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE s.enabled AND s.deleted_at IS NULL
  LIMIT CAST(:?room AS integer)
), sized AS MATERIALIZED (
  SELECT due.place, c.bytes IS NULL AS gone,
    coalesce(sum(c.bytes) OVER (ORDER BY due.due_at, due.id) - c.bytes, 0) AS bytes_before
  FROM due
  LEFT JOIN LATERAL (
    SELECT bytes FROM webhooks.change WHERE id = due.change_id AND record IS NOT NULL LIMIT 1
  ) c ON true
), died AS (
  UPDATE webhooks.delivery
  SET state = 'dead', due_at = NULL, error = 'its record is no longer in the change table'
  WHERE ctid = ANY (ARRAY(SELECT place FROM sized WHERE gone))
), claimed AS (
  UPDATE webhooks.delivery
  SET due_at = now() + CAST(:?lease AS interval)
  WHERE ctid = ANY (ARRAY(
    SELECT place FROM sized WHERE NOT gone AND bytes_before < CAST(:?batchBytes AS bigint)))
  RETURNING id, change_id, subscription_id, attempts, schedule_from, replayed_by, body
), probed AS (
  UPDATE webhooks.endpoint
  SET paused_until = now() + CAST(:?lease AS interval)
  WHERE subscription_id IN (SELECT subscription_id FROM open)
    AND subscription_id IN (SELECT subscription_id FROM claimed)
)
SELECT d.id, d.change_id, d.subscription_id, d.attempts, coalesce(d.schedule_from, 0) AS schedule_from,
  d.replayed_by IS NOT NULL AS replayed, d.subscription_id IN (SELECT subscription_id FROM open) AS probe, d.body, c.workspace, c.event, c.record_id,
  c.record::text AS record, to_json(c.updated_fields)::text AS updated_fields, c.occurred_at,
  (SELECT revision FROM webhooks.subscription_revision) AS revision
FROM claimed d
CROSS JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = d.change_id LIMIT 1) c
ORDER BY d.id
