-- How many attempts of each webhook took how long, by the buckets of DurationHistogram.
SELECT subscription_id AS "webhookId", at::integer - 1 AS bucket, sum(count)::bigint AS count
FROM webhooks.attempt_minute, unnest(durations) WITH ORDINALITY AS d(count, at)
WHERE minute >= CAST(:?since AS timestamptz) AND count > 0
  AND subscription_id = ANY (CAST(:?webhooks AS uuid[]))
GROUP BY subscription_id, at
