-- A delivery recorded while its webhook was being deleted, softly or for good, or answered 410, would stay pending for ever.
-- (Steps from webhook to webhook through the index of what is pending, however much that is.)
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
  SELECT waiting.subscription_id, coalesce(s.disabled_reason, 'the webhook was deleted') AS reason
  FROM waiting
  LEFT JOIN webhooks.subscription s ON s.id = waiting.subscription_id
  WHERE s.id IS NULL OR s.deleted_at IS NOT NULL OR s.disabled_reason LIKE '%HTTP 410%'
), orphan AS MATERIALIZED (
  SELECT d.place, gone.reason
  FROM gone
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM webhooks.delivery
    WHERE state = 'pending' AND subscription_id = gone.subscription_id
    FOR UPDATE SKIP LOCKED
  ) d
)
UPDATE webhooks.delivery d
SET state = 'cancelled', due_at = NULL, error = orphan.reason
FROM orphan
WHERE d.ctid = orphan.place
