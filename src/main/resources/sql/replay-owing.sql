-- Lists the event patterns that a replay may owe to a webhook, as account-changes.sql takes them: all that match now,
-- whenever they were made.
SELECT jsonb_build_array(jsonb_build_object(
  'subscription_id', id, 'workspace', workspace, 'operations', operations, 'source', source, 'filter', filter, 'since', '-infinity')) AS owing
FROM webhooks.subscription
WHERE id = CAST(:?webhookId AS uuid) AND deleted_at IS NULL AND workspace = coalesce(:?workspace, workspace)
