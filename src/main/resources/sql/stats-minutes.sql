-- The attempts of these webhooks by the minute, oldest first; minutes without any are left out.
SELECT minute, sum(delivered)::bigint AS delivered, sum(failed)::bigint AS failed, sum(dead)::bigint AS dead
FROM webhooks.attempt_minute
WHERE minute >= CAST(:?since AS timestamptz) AND subscription_id = ANY (CAST(:?webhooks AS uuid[]))
GROUP BY minute
ORDER BY minute
