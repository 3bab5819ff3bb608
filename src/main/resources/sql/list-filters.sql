-- Lists the webhooks that were subscribed to a change when it was made and had a filter then, with that filter.
SELECT p.subscription_id AS id, p.filter
FROM webhooks.subscription_period p
JOIN webhooks.subscription s ON s.id = p.subscription_id AND s.deleted_at IS NULL
CROSS JOIN (
  SELECT workspace, event, occurred_at FROM webhooks.change WHERE id = CAST(:?id AS bigint)
) c
WHERE p.workspace = c.workspace AND p.filter IS NOT NULL
  AND p.since <= c.occurred_at AND (p.until IS NULL OR p.until > c.occurred_at)
  AND webhooks.matching_operations(c.event) && p.operations
  AND NOT webhooks.twenty_ignores(s.source, c.event, p.operations)
ORDER BY s.created_at, s.id
LIMIT 1000
