-- Settles a replay that owes nothing now: it waits, with the reason if it does not go on by itself, or it has ended.
UPDATE webhooks.replay
SET state = CAST(:?state AS text),
  waiting = CASE WHEN CAST(:?state AS text) = 'running' THEN nullif(:?reason, '') END,
  error = CASE WHEN CAST(:?state AS text) = 'cancelled' THEN :?reason ELSE error END,
  due_at = CASE WHEN CAST(:?state AS text) = 'running' THEN now() + CAST(:?wait AS interval) END,
  ended_at = CASE WHEN CAST(:?state AS text) <> 'running' THEN now() END
WHERE id = CAST(:?replay AS bigint) AND state = 'running'
