-- Deletes a webhook softly, and cancels what is pending for it in the same transaction.
WITH removed AS (
  UPDATE webhooks.subscription SET deleted_at = now(), updated_at = greatest(now(), updated_at + interval '1 microsecond')
  WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL
    AND (CAST(:?workspace AS text) IS NULL OR workspace = :?workspace)
    AND (CAST(:?version AS text) IS NULL OR (extract(epoch FROM updated_at) * 1000000)::bigint::text = :?version)
  RETURNING id
), cancelled AS (
  UPDATE webhooks.delivery SET state = 'cancelled', due_at = NULL, error = 'the webhook was deleted'
  WHERE state = 'pending' AND subscription_id IN (SELECT id FROM removed)
)
SELECT id FROM removed
