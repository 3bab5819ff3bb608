-- Deletes a webhook softly, so that none of its pending deliveries is sent any more. The first thousand are cancelled
-- here, so that nobody waits for long; housekeeping cancels the rest.
WITH removed AS (
  UPDATE webhooks.subscription SET deleted_at = now(), updated_at = greatest(now(), least(updated_at, now() + interval '1 day') + interval '1 microsecond')
  WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL
    AND (CAST(:?workspace AS text) IS NULL OR workspace = :?workspace)
    AND (CAST(:?version AS text) IS NULL OR trunc(extract(epoch FROM updated_at) * 1000000)::text = :?version)
  RETURNING id
), cancelled AS (
  UPDATE webhooks.delivery SET state = 'cancelled', due_at = NULL, error = 'the webhook was deleted'
  WHERE id = ANY (ARRAY(
    SELECT id FROM webhooks.delivery
    WHERE state = 'pending' AND subscription_id = (SELECT id FROM removed)
    LIMIT 1000
    FOR UPDATE SKIP LOCKED))
)
SELECT id FROM removed
