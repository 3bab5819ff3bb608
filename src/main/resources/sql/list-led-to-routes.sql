-- Lists the webhooks that are sent to a route of the user's own, which a start then needs.
SELECT id, webhooks.shown(target_url, 2000) AS "targetUrl" FROM webhooks.subscription
WHERE enabled AND deleted_at IS NULL AND starts_with(target_url, 'route:')
ORDER BY created_at, id
LIMIT 1000
