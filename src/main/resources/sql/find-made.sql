-- The ids of the changes that were made in a time range: above first, up to last. Both are 0 when there are none. (Adding 0
-- keeps the planner from walking the key; the BRIN index leads to the range.)
SELECT coalesce(min(id + 0) - 1, 0) AS first, coalesce(max(id + 0), 0) AS last FROM webhooks.change
WHERE occurred_at >= CAST(:?since AS timestamptz) AND occurred_at <= CAST(:?until AS timestamptz)
