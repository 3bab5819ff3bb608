-- Cancels pending deliveries for webhooks that were deleted, softly or for good, or answered 410. They are those that
-- the webhooks' own statements left, and those that were recorded at that moment. It takes a chunk at a time, so that
-- nobody waits for it, and skips rows that others are writing. (It steps from webhook to webhook through the index of
-- pending deliveries, however many they are.)
WITH RECURSIVE waiting AS (
  (SELECT subscription_id FROM webhooks.delivery WHERE state = 'pending' ORDER BY subscription_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT d.subscription_id FROM webhooks.delivery d
    WHERE d.state = 'pending' AND d.subscription_id > waiting.subscription_id
    ORDER BY d.subscription_id
    LIMIT 1)
  FROM waiting
  WHERE waiting.subscription_id IS NOT NULL
), gone AS MATERIALIZED (
  SELECT waiting.subscription_id,
    CASE WHEN s.id IS NULL OR s.deleted_at IS NOT NULL THEN 'the webhook was deleted' ELSE s.disabled_reason END AS reason
  FROM waiting
  LEFT JOIN webhooks.subscription s ON s.id = waiting.subscription_id
  WHERE s.id IS NULL OR s.deleted_at IS NOT NULL OR s.disabled_cause = 'gone'
), orphan AS MATERIALIZED (
  SELECT d.place, gone.reason
  FROM gone
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM webhooks.delivery
    WHERE state = 'pending' AND subscription_id = gone.subscription_id
    LIMIT CAST(:?chunk AS integer)
    FOR UPDATE SKIP LOCKED
  ) d
  LIMIT CAST(:?chunk AS integer)
)
UPDATE webhooks.delivery d
SET state = 'cancelled', due_at = NULL, error = orphan.reason
FROM orphan
WHERE d.ctid = orphan.place
