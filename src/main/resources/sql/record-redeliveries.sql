-- What came of attempts of pending deliveries. Only a pending row changes: a delivery that ended meanwhile, at another
-- process after the lease, stays ended. (Rows by their place: see claim-changes.sql.)
WITH outcome AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:?outcomes AS jsonb)) AS o(
    id text, state text, attempts integer, wait_ms bigint, attempted_ms bigint, duration_ms integer, status integer,
    error text, response text)
  ORDER BY id -- so that two processes never wait for each other crosswise
), made AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
  SELECT id, attempts, to_timestamp(attempted_ms / 1000.0), duration_ms, status, error, response FROM outcome
  ON CONFLICT (delivery_id, number) DO NOTHING
), pending AS MATERIALIZED (
  SELECT o.*, d.place
  FROM outcome o
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM webhooks.delivery WHERE id = o.id AND state = 'pending' LIMIT 1 FOR UPDATE
  ) d
)
UPDATE webhooks.delivery d
SET state = p.state, attempts = p.attempts, due_at = now() + p.wait_ms * interval '1 ms',
  attempted_at = to_timestamp(p.attempted_ms / 1000.0), duration_ms = p.duration_ms, status = p.status, error = p.error
FROM pending p
WHERE d.ctid = p.place
