-- Owes a chunk of a replay and notes how far the replay has come, both or neither. It does neither when the replay was
-- paused or cancelled meanwhile, or when another process has done it because the lease had ended. A change that was
-- delivered before gets a delivery with an id of its own. That id takes the time when the replay was started, since its
-- number may be given again after a restore. A change that was never delivered keeps the id that it would have had. A
-- delivery that has failed is made pending as it is, with a new schedule.
WITH chunk AS MATERIALIZED (
  SELECT CAST(:?chunk AS jsonb) AS document
), replay AS (
  UPDATE webhooks.replay r
  SET position = c.reached, owed = r.owed + c.owed, dropped = r.dropped + jsonb_array_length(document -> 'dropped'),
    refused = r.refused + c.refused, error = coalesce(c.error, r.error), waiting = NULL, due_at = now()
  FROM chunk, jsonb_to_record(document) AS c(
    replay bigint, position bigint, reached bigint, owed integer, refused integer, error text)
  WHERE r.id = c.replay AND r.position = c.position AND r.state = 'running'
  RETURNING r.id, r.subscription_id, r.mode, r.created_at,
    '{dead,cancelled}'::text[] AS failed -- from here, so that a plan from when few had failed does not read all that have
), dropped AS (
  INSERT INTO webhooks.dropped_change (change_id)
  SELECT d.change_id::bigint FROM replay, chunk, jsonb_array_elements_text(document -> 'dropped') AS d(change_id)
  ON CONFLICT (change_id) DO NOTHING
), again AS (
  UPDATE webhooks.delivery d
  SET state = 'pending', due_at = now(), schedule_from = d.attempts, replayed_by = replay.id, post_id = NULL
  FROM replay
  WHERE d.id = ANY (ARRAY(SELECT jsonb_array_elements_text(document -> 'again') FROM chunk))
    AND d.state = ANY (replay.failed)
)
INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, replay_id, state, due_at, error, body, request, replayed_by, record_key)
SELECT d.change_id, d.epoch, replay.subscription_id,
  CASE WHEN replay.mode = 'all' THEN CAST(extract(epoch FROM replay.created_at) * 1000000 AS bigint) ELSE 0 END,
  coalesce(d.state, 'pending'), CASE WHEN d.state IS NULL THEN now() END, d.reason, d.body,
  d.request, replay.id, (
    SELECT webhooks.record_key(s.id, c.object, c.record_id) FROM webhooks.subscription s, webhooks.change c
    WHERE s.id = replay.subscription_id AND s.ordering = 'record' AND c.id = d.change_id)
FROM replay, chunk, jsonb_to_recordset(document -> 'deliveries') AS d(
  change_id bigint, epoch bigint, body text, request jsonb, state text, reason text)
ON CONFLICT (id) DO NOTHING
