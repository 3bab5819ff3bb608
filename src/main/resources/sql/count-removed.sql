-- Counts the removed changes of a time range that match a webhook. The first and the last day of the range count as
-- whole days.
SELECT coalesce(sum(r.changes), 0) AS removed
FROM webhooks.subscription s
JOIN webhooks.removed_change r ON r.workspace = s.workspace AND webhooks.matching_operations(r.event) && s.operations
  AND NOT webhooks.twenty_ignores(s.source, r.event, s.operations)
WHERE s.id = CAST(:?webhookId AS uuid)
  AND r.day >= CAST(CAST(:?since AS timestamptz) AT TIME ZONE 'UTC' AS date)
  AND r.day <= CAST(CAST(:?until AS timestamptz) AT TIME ZONE 'UTC' AS date)
  AND (CAST(:?events AS text[]) IS NULL OR webhooks.matching_operations(r.event) && CAST(:?events AS text[]))
