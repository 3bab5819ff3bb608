-- A delivery recorded while its webhook was being deleted, or answered 410, would stay pending for ever.
UPDATE webhooks.delivery d
SET state = 'cancelled', due_at = NULL, error = coalesce(s.disabled_reason, 'the webhook was deleted')
FROM webhooks.subscription s
WHERE d.state = 'pending' AND d.subscription_id = s.id
  AND (s.deleted_at IS NOT NULL OR s.disabled_reason LIKE '%HTTP 410%')
