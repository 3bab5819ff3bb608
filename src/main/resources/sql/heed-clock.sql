-- The clock of the database may go back, as in a failover to a server whose clock differs. Then nothing may last longer
-- than if it had begun now: claims, the leases of replays and deliveries, pauses and rate limits. A process that was
-- seen in the future shows that the clock has gone back; without one nothing is looked at. Running it twice changes
-- little, so every process may.
--
-- A delivery that waits for its next attempt may be late by as much, since its schedule may ask for that time. So only
-- deliveries without an attempt on their schedule are certain to have a lease.
WITH clock AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM webhooks.node WHERE seen_at > now() + CAST(:?heartbeat AS interval)) AS went_back
), claims AS (
  UPDATE webhooks.claim SET lease_until = now() + CAST(:?lease AS interval)
  WHERE (SELECT went_back FROM clock) AND lease_until > now() + CAST(:?lease AS interval)
), replays AS (
  UPDATE webhooks.replay SET due_at = now() + CAST(:?lease AS interval)
  WHERE (SELECT went_back FROM clock) AND state = 'running' AND due_at > now() + CAST(:?lease AS interval)
), pauses AS (
  UPDATE webhooks.endpoint e
  SET paused_until = least(e.paused_until, now() + CAST(:?longestPause AS interval)),
    free_at = least(e.free_at, now() + interval '1 s' / s.rate_limit)
  FROM webhooks.subscription s
  WHERE (SELECT went_back FROM clock) AND s.id = e.subscription_id
    AND (e.paused_until > now() + CAST(:?longestPause AS interval) OR e.free_at > now())
)
UPDATE webhooks.delivery SET due_at = now() + CAST(:?deliveryLease AS interval)
WHERE (SELECT went_back FROM clock) AND state = 'pending' AND attempts = coalesce(schedule_from, 0)
  AND due_at > now() + CAST(:?deliveryLease AS interval) AND due_at < 'infinity'
