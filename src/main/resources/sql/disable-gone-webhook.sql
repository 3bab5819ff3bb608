-- The receiver has answered 410: it wants nothing any more. What is pending for it is cancelled. What is being recorded at
-- this moment is cancelled by housekeeping, or by its own 410. Returns the webhook, unless it was disabled before.
WITH disabled AS (
  UPDATE webhooks.subscription
  SET enabled = false, disabled_at = now(), disabled_reason = 'the receiver answered HTTP 410 (Gone)', updated_at = now()
  WHERE id = CAST(:?webhook AS uuid) AND enabled
  RETURNING id
), cancelled AS (
  UPDATE webhooks.delivery
  SET state = 'cancelled', due_at = NULL, error = 'the receiver answered HTTP 410 (Gone)'
  WHERE state = 'pending' AND subscription_id IN (SELECT id FROM disabled)
)
SELECT id FROM disabled
