-- Pauses, resumes or cancels a replay, unless its state does not allow that.
UPDATE webhooks.replay SET state = :?state, waiting = NULL,
  due_at = CASE WHEN :?state = 'running' THEN now() END, ended_at = CASE WHEN :?state = 'cancelled' THEN now() END
WHERE id = CAST(:?id AS bigint) AND state = ANY (CAST(:?from AS text[]))
RETURNING id
