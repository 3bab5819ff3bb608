-- The receiver has answered that it wants nothing any more. The first thousand of its pending deliveries are cancelled
-- here, so that nobody waits for long. Housekeeping cancels the rest, and those that are being recorded at this moment.
-- Returns the webhook, unless it was disabled before.
WITH disabled AS (
  UPDATE webhooks.subscription
  SET enabled = false, disabled_at = now(), disabled_cause = 'gone',
    disabled_reason = CAST(:?reason AS text), updated_at = now()
  WHERE id = CAST(:?webhook AS uuid) AND enabled
  RETURNING id
), cancelled AS (
  UPDATE webhooks.delivery
  SET state = 'cancelled', due_at = NULL, error = CAST(:?reason AS text)
  WHERE id = ANY (ARRAY(
    SELECT id FROM webhooks.delivery
    WHERE state = 'pending' AND subscription_id = (SELECT id FROM disabled)
    LIMIT 1000
    FOR UPDATE SKIP LOCKED))
)
SELECT id FROM disabled
