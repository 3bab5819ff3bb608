-- Sets a replay up; a running process takes it on within a second.
INSERT INTO webhooks.replay (subscription_id, mode, since, until, events, first_id, last_id, position,
  open_after, open_upto)
SELECT id, :?mode, CAST(:?since AS timestamptz), CAST(:?until AS timestamptz), CAST(:?events AS text[]),
  CAST(:?first AS bigint), CAST(:?last AS bigint), CAST(:?first AS bigint),
  CAST(:?openAfter AS bigint), CAST(:?openUpto AS bigint)
FROM webhooks.subscription
WHERE id = CAST(:?webhookId AS uuid) AND deleted_at IS NULL AND workspace = coalesce(:?workspace, workspace)
RETURNING id
