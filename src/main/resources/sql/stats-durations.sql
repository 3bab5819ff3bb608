-- How many attempts took how long, by the buckets of DurationHistogram: of each webhook, and of each minute. One pass gives
-- both; a row has a webhook or a minute.
SELECT subscription_id AS "webhookId", minute, at::integer - 1 AS bucket, sum(count)::bigint AS count
FROM webhooks.attempt_minute, unnest(durations) WITH ORDINALITY AS d(count, at)
WHERE minute >= CAST(:?since AS timestamptz) AND count > 0
  AND subscription_id = ANY (CAST(:?webhooks AS uuid[]))
GROUP BY GROUPING SETS ((subscription_id, at), (minute, at))
