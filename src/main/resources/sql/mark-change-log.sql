-- Notes how far the log has come, so that a time range is found without an index on the time; and forgets what was noted
-- of changes that have been removed.
WITH forgotten AS (
  DELETE FROM webhooks.change_mark
  WHERE last_id < (SELECT id FROM webhooks.change ORDER BY id LIMIT 1) - 1
)
INSERT INTO webhooks.change_mark (at, last_id)
SELECT now(), log.last_value FROM webhooks.change_id_seq log
WHERE log.is_called AND log.last_value > coalesce((SELECT max(last_id) FROM webhooks.change_mark), 0)
  AND NOT EXISTS (SELECT FROM webhooks.change_mark WHERE at > now() - interval '50 s')
ON CONFLICT (at) DO NOTHING
