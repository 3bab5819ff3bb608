-- Changes of a time range that a webhook once got deliveries of, and that are no longer there to be sent again. They have been
-- removed oldest first, so only deliveries before those of the oldest change are looked at.
SELECT count(DISTINCT change_id) AS removed FROM webhooks.delivery
WHERE id < 'msg_' || lpad(to_hex(coalesce((SELECT min(id) FROM webhooks.change), 9223372036854775807)), 16, '0') COLLATE "C"
  AND subscription_id = CAST(:?webhookId AS uuid)
  AND created_at >= coalesce(CAST(:?since AS timestamptz), '-infinity') AND created_at < CAST(:?until AS timestamptz)
