-- Notes for all processes that an endpoint fails. It pauses the endpoint if that is asked for, and for longer after a
-- failed probe. It disables the webhook when that has failed for too long. An endpoint that another process has just
-- paused is not paused again. Then there is no row, nor when the webhook is not served any more. (It locks in the order
-- of all that change a webhook: the webhook comes first.)
WITH webhook AS MATERIALIZED (
  SELECT id FROM webhooks.subscription
  WHERE id = CAST(:?webhook AS uuid) AND enabled AND deleted_at IS NULL
  FOR UPDATE
), noted AS (
  INSERT INTO webhooks.endpoint AS e (subscription_id, failing_since, paused_until, pauses, reason, failed_delivery)
  SELECT id, now() - CAST(:?failingFor AS interval), now() + CAST(nullif(:?pause, '') AS interval),
    CASE WHEN CAST(nullif(:?pause, '') AS interval) IS NULL THEN 0 ELSE 1 END, CAST(:?reason AS text), CAST(:?delivery AS text)
  FROM webhook
  ON CONFLICT (subscription_id) DO UPDATE SET
    failing_since = least(e.failing_since, excluded.failing_since), paused_until = excluded.paused_until,
    pauses = e.pauses + excluded.pauses, reason = excluded.reason,
    failed_delivery = excluded.failed_delivery
  WHERE e.paused_until IS NULL OR CAST(:?probe AS boolean)
  RETURNING subscription_id, failing_since, paused_until, pauses, reason
), disabled AS (
  UPDATE webhooks.subscription s
  SET enabled = false, disabled_at = now(), updated_at = greatest(now(), least(s.updated_at, now() + interval '1 day') + interval '1 microsecond'),
    disabled_cause = 'failing',
    disabled_reason = 'no attempt has succeeded since '
      || to_char(n.failing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM noted n
  WHERE s.id = n.subscription_id AND n.failing_since < now() - CAST(:?disableAfter AS interval)
  RETURNING s.id, s.disabled_reason
)
SELECT n.subscription_id AS id, n.failing_since::text, n.paused_until, n.pauses, n.reason, d.disabled_reason,
  to_char(n.paused_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until
FROM noted n LEFT JOIN disabled d ON d.id = n.subscription_id
