-- A delivery recorded while its webhook was being deleted would stay pending for ever.
UPDATE webhooks.delivery SET state = 'cancelled', due_at = NULL, error = 'the webhook was deleted'
WHERE state = 'pending'
  AND subscription_id IN (SELECT id FROM webhooks.subscription WHERE deleted_at IS NOT NULL)
