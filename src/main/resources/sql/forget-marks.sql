-- Forgets the marks of the log that retention needs no more: all before the newest one that is old enough. With them go notes
-- of changes that capture lost.
WITH over AS (
  DELETE FROM webhooks.lost_change WHERE lost_at < now() - CAST(:?keepDelivered AS interval)
)
DELETE FROM webhooks.log_mark WHERE noted_at < (
  SELECT max(noted_at) FROM webhooks.log_mark WHERE noted_at < now() - CAST(:?keepDelivered AS interval))
