-- Between which ids the changes of a time range lie, give or take a minute: first is before all of them, last at or after
-- all, or null when nothing lies behind them. A statement that writes for longer than the minute may reach over it.
SELECT
  coalesce((SELECT max(last_id) FROM webhooks.change_mark
    WHERE at < CAST(:?since AS timestamptz) - interval '10 s'), 0) AS first,
  (SELECT min(last_id) FROM webhooks.change_mark
    WHERE at > CAST(:?until AS timestamptz) + interval '1 minute') AS last
