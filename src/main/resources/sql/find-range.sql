-- Between which ids the changes of a time range lie: they come after first_id, and both are 0 when there are none. of
-- changes made up to complete_since some have been removed. (Adding 0 keeps the planner from walking the primary key to
-- the first match, which may be far; the ranges of the BRIN index lead to it.)
SELECT coalesce(min(id + 0) - 1, 0) AS first_id, coalesce(max(id + 0), 0) AS last_id,
  least(CAST(:?until AS timestamptz), now()) AS until,
  (SELECT max(latest) FROM webhooks.removed_change) AS complete_since
FROM webhooks.change
WHERE occurred_at >= CAST(:?since AS timestamptz) AND occurred_at < least(CAST(:?until AS timestamptz), now())
