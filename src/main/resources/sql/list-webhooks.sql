-- Webhooks that are not deleted, the oldest first: one or all. WebhookFields says which columns are shown.
SELECT
  -- the columns
FROM webhooks.subscription
WHERE deleted_at IS NULL
  AND (CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text))
  AND (CAST(:?id AS uuid) IS NULL OR id = CAST(:?id AS uuid))
ORDER BY created_at, id
