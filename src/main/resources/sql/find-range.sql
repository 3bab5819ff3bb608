-- Finds the ids of the changes of a time range: they come after first_id, up to last_id. Both are 0 when there are none.
-- The range has the changes that were made in it. It also has those that were perhaps committed in it, whenever they
-- were made: they come after open_after, up to open_upto. The marks of the log tell this. All up to settled_id was
-- committed before its mark, and all up to last_id was written before it. Some of the changes made up to complete_since
-- have been removed. (Adding 0 keeps the planner from walking the primary key to the first match, which may be far; the
-- ranges of the BRIN index lead to it.)
WITH asked AS MATERIALIZED (
  SELECT CAST(:?since AS timestamptz) AS since, least(CAST(:?until AS timestamptz), now()) AS until
), open AS MATERIALIZED (
  SELECT before.settled_id AS after,
    CASE WHEN CAST(:?until AS timestamptz) < now() THEN coalesce(
      (SELECT max(last_id) FROM webhooks.log_mark WHERE noted_at <= asked.until), 0)
    ELSE coalesce((SELECT max(id) FROM webhooks.change), 0) END AS upto
  FROM asked
  CROSS JOIN LATERAL (
    SELECT settled_id FROM webhooks.log_mark WHERE noted_at <= asked.since ORDER BY noted_at DESC LIMIT 1
  ) before
  WHERE before.settled_id IS NOT NULL
), made AS MATERIALIZED (
  SELECT min(id + 0) - 1 AS first_id, max(id + 0) AS last_id FROM webhooks.change
  WHERE occurred_at >= CAST(:?since AS timestamptz) AND occurred_at < least(CAST(:?until AS timestamptz), now())
), committed AS MATERIALIZED (
  SELECT min(id) - 1 AS first_id, max(id) AS last_id FROM webhooks.change
  WHERE id > (SELECT after FROM open) AND id <= (SELECT upto FROM open)
)
SELECT coalesce(least(made.first_id, committed.first_id), 0) AS first_id,
  coalesce(greatest(made.last_id, committed.last_id), 0) AS last_id,
  coalesce((SELECT after FROM open), 0) AS open_after, coalesce((SELECT upto FROM open), 0) AS open_upto,
  asked.until, (SELECT max(latest) FROM webhooks.removed_change) AS complete_since
FROM asked, made, committed
