-- Notes how far the log has come, for the retention to come, and forgets the marks that it needs no more: all before the
-- newest one that is old enough. With them go notes of changes that capture lost. (A sequence that has given no number yet stands at 1, which harms nobody.)
WITH forgotten AS (
  DELETE FROM webhooks.log_mark WHERE noted_at < (
    SELECT max(noted_at) FROM webhooks.log_mark WHERE noted_at < now() - CAST(:?keepDelivered AS interval))
), over AS (
  DELETE FROM webhooks.lost_change WHERE lost_at < now() - CAST(:?keepDelivered AS interval)
)
INSERT INTO webhooks.log_mark (last_id) SELECT last_value FROM webhooks.change_id_seq
ON CONFLICT (noted_at) DO NOTHING
