-- Notes for all processes that an endpoint has accepted a delivery again, so its pause is over. There is one row also
-- when another process has noted it before, so that this one knows it too.
WITH before AS MATERIALIZED (
  SELECT subscription_id, failing_since, pauses FROM webhooks.endpoint
  WHERE subscription_id = CAST(:?webhook AS uuid) AND failing_since IS NOT NULL
  FOR UPDATE
), cleared AS (
  UPDATE webhooks.endpoint e
  SET failing_since = NULL, paused_until = NULL, pauses = 0, reason = NULL, failed_delivery = NULL
  FROM before WHERE e.subscription_id = before.subscription_id
)
SELECT CAST(:?webhook AS uuid) AS id, NULL::text AS failing_since, NULL::timestamptz AS paused_until, 0 AS pauses,
  coalesce(max(pauses), 0) AS paused_times,
  to_char(max(failing_since) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM before
