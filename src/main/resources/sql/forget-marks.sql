-- Forgets the marks of the log that retention no longer needs: all before the newest one that is old enough. Old notes
-- about changes that capture lost go with them.
WITH over AS (
  DELETE FROM webhooks.lost_change WHERE lost_at < now() - CAST(:?keepDelivered AS interval)
)
DELETE FROM webhooks.log_mark WHERE noted_at < (
  SELECT max(noted_at) FROM webhooks.log_mark WHERE noted_at < now() - CAST(:?keepDelivered AS interval))
