-- Shows each webhook with its open deliveries. These are counted up to 10,000 for each state, which the index does
-- without reading them. Beyond that their age matters more than their number.
SELECT s.id AS "webhookId", webhooks.shown(s.target_url, 2000) AS "targetUrl",
  webhooks.shown(s.description, 2000) AS description, s.enabled,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered' LIMIT 10000) few) AS pending,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'dead' AND d.state <> 'delivered' LIMIT 10000) few) AS "deadLetters",
  (SELECT c.occurred_at FROM (SELECT change_id FROM webhooks.delivery d
      WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered' ORDER BY change_id LIMIT 1) first
    JOIN webhooks.change c ON c.id = first.change_id) AS "oldestPendingAt"
FROM webhooks.subscription s
WHERE s.deleted_at IS NULL
  AND (CAST(:?webhook AS uuid) IS NULL OR s.id = CAST(:?webhook AS uuid))
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
ORDER BY s.created_at, s.id
