-- Lists the webhooks with the event patterns that they were owed, and when, as account-changes.sql takes them.
SELECT s.id AS "webhookId", webhooks.shown(s.target_url, 2000) AS "targetUrl", s.enabled, (
    SELECT coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('source', s.source)), '[]') FROM webhooks.subscription_period p WHERE p.subscription_id = s.id
  ) AS owing
FROM webhooks.subscription s
WHERE s.deleted_at IS NULL AND s.id = coalesce(CAST(:?webhookId AS uuid), s.id)
  AND s.workspace = coalesce(:?workspace, s.workspace)
ORDER BY s.created_at, s.id
