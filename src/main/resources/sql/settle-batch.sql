-- Settles a batch: records all outcomes and the end of its claim, which frees its partitions, in one statement. It happens as
-- a whole or not at all. A pending delivery without a wait follows another one of its record, whose end wakes it,
-- or is sent with another one of its POST. A batch
-- that has lost its claim writes nothing and gets no row: the process that took over its changes records them. A batch that
-- is repeated after a crash finds the rows of the first time and leaves them as they are. Changes that the batch had no time
-- to begin go back onto the queue. When the database rejects a batch, its changes come one by one ("only"). Each leaves the
-- claim, and the last statement ends the claim. Claim 0 is none: the batch is held by where it is in a log.
WITH ended AS (
  DELETE FROM webhooks.claim WHERE id = CAST(:?claim AS bigint) AND CAST(:?only AS text) = ''
  RETURNING id, in_order
), freed AS (
  UPDATE webhooks.partition p SET held = false FROM ended WHERE ended.in_order AND p.claim = ended.id AND p.held
), kept AS (
  UPDATE webhooks.claim SET changes = array_remove(changes, CAST(nullif(CAST(:?only AS text), '') AS bigint))
  WHERE id = CAST(:?claim AS bigint) AND CAST(:?only AS text) <> ''
  RETURNING id
), claim AS (
  SELECT id FROM ended UNION ALL SELECT id FROM kept
  UNION ALL SELECT 0 WHERE CAST(:?claim AS bigint) = 0
), batch AS MATERIALIZED (
  SELECT CAST(:?batch AS jsonb) AS document FROM claim
), outcome AS MATERIALIZED (
  SELECT o.* FROM batch, jsonb_to_recordset(document -> 'outcomes') AS o(
    change_id bigint, epoch bigint, subscription_id uuid, state text, attempts integer, wait_ms bigint, attempted_ms bigint,
    duration_ms integer, status integer, error text, response text, body text, request jsonb, object text,
    record_id text, post_id text, waits boolean, schedule_from integer)
), appended AS (
  INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, attempts, due_at, attempted_at, duration_ms,
    status, error, body, request, record_key, post_id, waits, schedule_from)
  SELECT change_id, epoch, subscription_id, state, attempts, CASE state WHEN 'pending' THEN coalesce(now() + wait_ms * interval '1 ms', 'infinity') END,
    to_timestamp(attempted_ms / 1000.0), duration_ms, status, error, body, request,
    CASE WHEN record_id IS NOT NULL THEN webhooks.record_key(subscription_id, object, record_id) END,
    post_id, waits, schedule_from
  FROM outcome
  ON CONFLICT (id) DO NOTHING
  RETURNING id, change_id, subscription_id, error
), failed AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
  SELECT a.id, o.attempts, to_timestamp(o.attempted_ms / 1000.0), o.duration_ms, o.status, o.error, o.response
  FROM appended a JOIN outcome o USING (change_id, subscription_id)
  WHERE a.error IS NOT NULL AND o.attempted_ms IS NOT NULL
), parked AS (
  INSERT INTO webhooks.parked_change (change_id, reason)
  SELECT p.* FROM batch, jsonb_to_recordset(document -> 'parked') AS p(change_id bigint, reason text)
  ON CONFLICT (change_id) DO NOTHING
), dropped AS (
  INSERT INTO webhooks.dropped_change (change_id)
  SELECT c.change_id::bigint FROM batch, jsonb_array_elements_text(document -> 'dropped') AS c(change_id)
  ON CONFLICT (change_id) DO NOTHING
), returned AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT r.change_id::bigint FROM batch, jsonb_array_elements_text(document -> 'returned') AS r(change_id)
  ON CONFLICT (id) DO NOTHING
)
SELECT id AS claim_id FROM claim
