-- Counts the attempts of these webhooks since a time: of each webhook in all, and of all of them by the minute, oldest
-- first. A row has a webhook or a minute. durations counts them by the buckets of DurationHistogram. (A sum for each
-- bucket takes half the time of taking the arrays apart.)
SELECT subscription_id AS "webhookId", minute, sum(delivered) AS delivered, sum(failed) AS failed, sum(dead) AS dead,
  to_jsonb(ARRAY[
    -- a sum for each bucket
  ]) AS durations
FROM webhooks.attempt_minute
WHERE minute >= CAST(:?since AS timestamptz) AND subscription_id = ANY (CAST(:?webhooks AS uuid[]))
GROUP BY GROUPING SETS ((subscription_id), (minute))
ORDER BY minute
