-- Ends the claims whose messages the consumers have settled: the committed offset of each partition of "topic" is past the
-- last one of the claim. The others get a new lease. So they go back onto the queue an hour after the last process with Kafka
-- has gone.
WITH settled AS MATERIALIZED (
  SELECT CAST(:?committed AS jsonb) AS upto
), forwarded AS MATERIALIZED (
  SELECT id, lease_until, topic <> CAST(:?topic AS text) OR EXISTS (
    SELECT FROM jsonb_each(offsets) AS o(partition, range)
    WHERE CAST(range -> 1 AS bigint) >= coalesce(CAST(settled.upto -> o.partition AS bigint), 0)) AS waits
  FROM webhooks.claim, settled
  WHERE offsets IS NOT NULL
), renewed AS (
  UPDATE webhooks.claim c SET lease_until = now() + interval '1 hour'
  FROM forwarded f
  WHERE c.id = f.id AND f.waits AND f.lease_until < now() + interval '30 minutes'
)
DELETE FROM webhooks.claim c USING forwarded f WHERE c.id = f.id AND NOT f.waits
