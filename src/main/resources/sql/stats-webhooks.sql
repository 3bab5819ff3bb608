-- Each webhook with its attempts since a time, and with what is open now. Open deliveries are counted up to 10,000 each,
-- which the index does without reading them: beyond that it matters how old they are rather than how many.
SELECT s.id AS "webhookId", s.target_url AS "targetUrl", s.description, s.enabled,
  coalesce(made.delivered, 0) AS delivered, coalesce(made.failed, 0) AS failed, coalesce(made.dead, 0) AS dead,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered' LIMIT 10000) few) AS pending,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'dead' AND d.state <> 'delivered' LIMIT 10000) few) AS "deadLetters",
  (SELECT c.occurred_at FROM (SELECT change_id FROM webhooks.delivery d
      WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered' ORDER BY change_id LIMIT 1) first
    JOIN webhooks.change c ON c.id = first.change_id) AS "oldestPendingAt"
FROM webhooks.subscription s
LEFT JOIN (
  SELECT subscription_id, sum(delivered)::bigint AS delivered, sum(failed)::bigint AS failed, sum(dead)::bigint AS dead
  FROM webhooks.attempt_minute WHERE minute >= CAST(:?since AS timestamptz) GROUP BY subscription_id
) made ON made.subscription_id = s.id
WHERE s.deleted_at IS NULL
  AND (CAST(:?webhook AS uuid) IS NULL OR s.id = CAST(:?webhook AS uuid))
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
ORDER BY s.created_at, s.id
