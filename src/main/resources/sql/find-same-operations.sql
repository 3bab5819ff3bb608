-- Finds the other webhooks of a workspace that want the same event patterns, in whatever order.
SELECT id, target_url AS "targetUrl" FROM webhooks.subscription
WHERE deleted_at IS NULL AND workspace = :?workspace AND id::text IS DISTINCT FROM CAST(:?id AS text)
  AND operations <@ CAST(:?operations AS text[]) AND operations @> CAST(:?operations AS text[])
ORDER BY created_at, id
