-- What came of attempts of pending deliveries. Only a pending row changes: a delivery that ended meanwhile, at another
-- process after the lease, stays ended.
WITH outcome AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:?outcomes AS jsonb)) AS o(
    id text, state text, attempts integer, wait_ms bigint, attempted_ms bigint, duration_ms integer, status integer,
    error text, response text)
), made AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
  SELECT id, attempts, to_timestamp(attempted_ms / 1000.0), duration_ms, status, error, response FROM outcome
  ON CONFLICT (delivery_id, number) DO NOTHING
)
UPDATE webhooks.delivery d
SET state = o.state, attempts = o.attempts, due_at = now() + o.wait_ms * interval '1 ms',
  attempted_at = to_timestamp(o.attempted_ms / 1000.0), duration_ms = o.duration_ms, status = o.status, error = o.error
FROM outcome o
WHERE d.id = o.id AND d.id = ANY (ARRAY(SELECT id FROM outcome)) AND d.state = 'pending'
