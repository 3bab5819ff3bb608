-- Puts parked changes back onto the queue, in one statement, so that each is either parked or queued. It looks at a
-- stretch of them, the oldest first. reached says how far it came, for the next stretch; a change that is parked again
-- meanwhile lies behind that. It locks only those that match, so that no other retry misses its own.
WITH stretch AS MATERIALIZED (
  SELECT change_id FROM webhooks.parked_change
  WHERE change_id > CAST(:?after AS bigint)
    AND (CAST(:?ids AS bigint[]) IS NULL OR change_id = ANY (CAST(:?ids AS bigint[])))
  ORDER BY change_id
  LIMIT CAST(:?chunk AS integer)
), chosen AS MATERIALIZED (
  SELECT p.change_id
  FROM webhooks.parked_change p
  CROSS JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = p.change_id OFFSET 0) c
  WHERE p.change_id = ANY (ARRAY(SELECT change_id FROM stretch))
    AND (CAST(:?workspace AS text) IS NULL OR c.workspace = CAST(:?workspace AS text))
    AND (CAST(:?object AS text) IS NULL OR c.object = CAST(:?object AS text))
    AND (CAST(:?action AS text) IS NULL OR c.action = CAST(:?action AS text))
    AND (CAST(:?since AS timestamptz) IS NULL OR c.occurred_at >= CAST(:?since AS timestamptz))
    AND (CAST(:?until AS timestamptz) IS NULL OR c.occurred_at < CAST(:?until AS timestamptz))
    AND (CAST(:?reason AS text) IS NULL OR strpos(lower(p.reason), lower(CAST(:?reason AS text))) > 0)
  FOR UPDATE OF p SKIP LOCKED
), taken AS (
  DELETE FROM webhooks.parked_change WHERE change_id = ANY (ARRAY(SELECT change_id FROM chosen))
  RETURNING change_id
), queued AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT change_id FROM taken
  ON CONFLICT (id) DO NOTHING
)
SELECT max(change_id) AS reached, count(*) AS looked_at, (SELECT count(*) FROM taken) AS retried FROM stretch
