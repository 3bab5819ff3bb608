-- The receiver has answered 410: it wants nothing any more. What is pending for it is cancelled, here the first thousand, so
-- that nobody waits for long; housekeeping cancels the rest, and what is being recorded at this moment. Returns the webhook,
-- unless it was disabled before.
WITH disabled AS (
  UPDATE webhooks.subscription
  SET enabled = false, disabled_at = now(), disabled_reason = 'the receiver answered HTTP 410 (Gone)', updated_at = now()
  WHERE id = CAST(:?webhook AS uuid) AND enabled
  RETURNING id
), cancelled AS (
  UPDATE webhooks.delivery
  SET state = 'cancelled', due_at = NULL, error = 'the receiver answered HTTP 410 (Gone)'
  WHERE id = ANY (ARRAY(
    SELECT id FROM webhooks.delivery
    WHERE state = 'pending' AND subscription_id = (SELECT id FROM disabled)
    LIMIT 1000
    FOR UPDATE SKIP LOCKED))
)
SELECT id FROM disabled
