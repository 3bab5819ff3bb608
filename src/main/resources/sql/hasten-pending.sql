-- Makes pending deliveries of a webhook due now, the oldest first, when their schedule has put them off. It leaves those
-- that may be in flight, as their leases tell. It also leaves those that wait for an earlier one of their record.
UPDATE webhooks.delivery d SET due_at = now()
WHERE d.id = ANY (ARRAY(
  SELECT id FROM webhooks.delivery
  WHERE subscription_id = CAST(:?webhook AS uuid) AND state = 'pending' AND due_at > now() + CAST(:?lease AS interval)
    AND due_at < 'infinity'
  ORDER BY due_at
  LIMIT CAST(:?size AS integer)
  FOR UPDATE SKIP LOCKED))
RETURNING d.id
