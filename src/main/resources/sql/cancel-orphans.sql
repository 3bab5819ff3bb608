-- Cancels what is pending for webhooks that were deleted, or answered 410: what their own statements have left, and what was
-- recorded at that moment. A chunk at a time, so that nobody waits for it, and not what others are writing just now.
UPDATE webhooks.delivery d
SET state = 'cancelled', due_at = NULL, error = orphan.reason
FROM (
  SELECT pending.id, CASE WHEN s.deleted_at IS NULL THEN s.disabled_reason ELSE 'the webhook was deleted' END AS reason
  FROM webhooks.subscription s
  CROSS JOIN LATERAL (
    SELECT id FROM webhooks.delivery
    WHERE subscription_id = s.id AND state = 'pending'
    LIMIT CAST(:?chunk AS integer)
    FOR UPDATE SKIP LOCKED
  ) pending
  WHERE s.deleted_at IS NOT NULL OR s.disabled_reason LIKE '%HTTP 410%'
  LIMIT CAST(:?chunk AS integer)
) orphan
WHERE d.id = orphan.id
