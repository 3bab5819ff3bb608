-- Sets a replay up; a running process takes it on within a second. missing: the changes that it owes as bits, 8192 to a block;
-- null: it finds them itself.
WITH replay AS (
  INSERT INTO webhooks.replay (subscription_id, mode, since, until, events, first_id, last_id, position,
    open_after, open_upto, listed)
  SELECT id, :?mode, CAST(:?since AS timestamptz), CAST(:?until AS timestamptz), CAST(:?events AS text[]),
    CAST(:?first AS bigint), CAST(:?last AS bigint), CAST(:?first AS bigint),
    CAST(:?openAfter AS bigint), CAST(:?openUpto AS bigint), CAST(:?missing AS jsonb) IS NOT NULL
  FROM webhooks.subscription
  WHERE id = CAST(:?webhookId AS uuid) AND deleted_at IS NULL AND workspace = coalesce(:?workspace, workspace)
  RETURNING id
), listed AS (
  INSERT INTO webhooks.replay_missing (replay_id, block, bits)
  SELECT replay.id, m.block, m.bits FROM replay, jsonb_to_recordset(CAST(:?missing AS jsonb)) AS m(block bigint, bits bytea)
)
SELECT id FROM replay
