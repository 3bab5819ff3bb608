-- Lists a page of deliveries, newest change first. It looks at a stretch of a given size and passes over those that do
-- not match. reached says how far it came, for the next page. (Each OFFSET 0 keeps the planner from reading the whole
-- change table to join a few rows.)
WITH stretch AS MATERIALIZED (
  -- a stretch
), found AS (
  SELECT d.id, d.subscription_id AS "webhookId", d.change_id AS "changeId", webhooks.shown(c.event, 2000) AS event,
    webhooks.shown(c.record_id, 2000) AS "recordId", d.state,
    d.replayed_by AS "replayId", d.attempts AS "attemptCount", coalesce(nullif(d.due_at, 'infinity'), (
      SELECT nullif(min(l.due_at), 'infinity') FROM webhooks.delivery l WHERE l.post_id = d.post_id AND l.state = d.state)) AS "dueAt", d.attempted_at AS "attemptedAt", d.duration_ms AS "durationMs", d.status,
    webhooks.shown(d.error, 2000) AS error,
    c.occurred_at AS "occurredAt", d.created_at AS "createdAt"
  FROM (SELECT * FROM stretch ORDER BY id DESC OFFSET 0) d
  LEFT JOIN LATERAL (
    SELECT * FROM webhooks.change WHERE id = d.change_id AND epoch = coalesce(d.epoch, epoch) OFFSET 0
  ) c ON true
  WHERE (CAST(:?states AS text[]) IS NULL OR d.state = ANY (CAST(:?states AS text[])))
    AND (CAST(:?object AS text) IS NULL OR c.object = CAST(:?object AS text))
    AND (CAST(:?action AS text) IS NULL OR c.action = CAST(:?action AS text))
    AND (CAST(:?since AS timestamptz) IS NULL OR c.occurred_at >= CAST(:?since AS timestamptz))
    AND (CAST(:?until AS timestamptz) IS NULL OR c.occurred_at < CAST(:?until AS timestamptz))
  ORDER BY d.id DESC
  LIMIT CAST(:?limit AS integer)
)
SELECT reached.reached, reached.looked_at, found.*
FROM (SELECT min(id) AS reached, count(*) AS looked_at FROM stretch) reached
LEFT JOIN found ON true
ORDER BY found.id DESC
