-- Claims the running replay that has waited longest, by moving due_at to the end of a lease: a process that dies with it
-- only delays it. The oldest of one webhook's replays goes first. The row also has the values that the next step depends
-- on.
--
-- still_ms says for how long the longest waiting due delivery has not been taken. Where none is due, it says for how
-- long none has been taken. A delivery that waits for an earlier one of its record counts as failing, since that one is.
-- concurrency is in deliveries, of which one POST may have many.
-- (A range of one state keeps the index of all pending deliveries out of the question.)
WITH next AS (
  SELECT id FROM webhooks.replay r
  WHERE state = 'running' AND due_at <= now() AND NOT EXISTS (
    SELECT FROM webhooks.replay o WHERE o.state = 'running' AND o.subscription_id = r.subscription_id AND o.id < r.id)
  ORDER BY due_at
  LIMIT 1
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE webhooks.replay r SET due_at = now() + CAST(:?lease AS interval)
  FROM next WHERE r.id = next.id
  RETURNING r.id, r.subscription_id, r.mode, r.position, r.last_id, r.owed
)
SELECT r.id, r.subscription_id, r.position, r.last_id, r.owed, s.id IS NULL AS webhook_deleted, coalesce(s.enabled AND NOT s.shadow, false) AS enabled,
  (SELECT revision FROM webhooks.subscription_revision) AS revision,
  greatest(taken.attempts, least(taken.attempts * coalesce(s.batch_size, 1), 4000)) AS concurrency, sent.unattempted, sent.failing,
  others.due_at IS NOT NULL AS others_wait,
  CAST(1000 * extract(epoch FROM webhooks.age_of(coalesce(
    least(others.due_at, sent.due_since), sent.leased_until - CAST(:?deliveryLease AS interval), now()))) AS bigint) AS still_ms
FROM claimed r
LEFT JOIN webhooks.subscription s ON s.id = r.subscription_id AND s.deleted_at IS NULL
CROSS JOIN LATERAL (SELECT coalesce(s.concurrency, CAST(:?concurrency AS integer)) AS attempts) taken
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE attempts = coalesce(schedule_from, 0) AND due_at < 'infinity') AS unattempted,
    min(due_at) FILTER (WHERE attempts = coalesce(schedule_from, 0) AND due_at <= now()) AS due_since,
    max(due_at) FILTER (WHERE attempts = coalesce(schedule_from, 0) AND due_at < 'infinity') AS leased_until,
    count(*) FILTER (WHERE attempts > coalesce(schedule_from, 0) OR due_at = 'infinity') AS failing
  FROM webhooks.delivery d WHERE d.replayed_by = r.id AND d.state >= 'pending' AND d.state <= 'pending'
) sent
LEFT JOIN LATERAL (
  SELECT d.due_at FROM webhooks.delivery d
  WHERE d.subscription_id = r.subscription_id AND d.state = 'pending' AND d.due_at <= now() AND d.replayed_by IS NULL
  ORDER BY d.due_at
  LIMIT 1
) others ON true
