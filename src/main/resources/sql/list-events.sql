-- Lists a page of changes, newest first. It looks at a stretch of the log, as list-deliveries.sql does with the
-- deliveries.
WITH stretch AS MATERIALIZED (
  -- a stretch
), found AS (
  SELECT c.id, webhooks.shown(c.workspace, 2000) AS workspace, webhooks.shown(c.event, 2000) AS event,
    webhooks.shown(c.record_id, 2000) AS "recordId", webhooks.shown_fields(c.updated_fields) AS "updatedFields", c.bytes,
    CASE WHEN p.change_id IS NOT NULL THEN 'parked' WHEN x.change_id IS NOT NULL THEN 'dropped'
      WHEN q.id IS NOT NULL OR c.id IN (SELECT unnest(changes) FROM webhooks.claim) THEN 'queued'
      ELSE 'dispatched' END AS state,
    webhooks.shown(p.reason, 2000) AS "parkedReason", webhooks.shown(x.reason, 2000) AS "droppedReason", c.occurred_at AS "occurredAt"
  FROM (
    SELECT * FROM stretch
    WHERE (CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text))
      AND (CAST(:?object AS text) IS NULL OR object = CAST(:?object AS text))
      AND (CAST(:?action AS text) IS NULL OR action = CAST(:?action AS text))
      AND (CAST(:?since AS timestamptz) IS NULL OR occurred_at >= CAST(:?since AS timestamptz))
      AND (CAST(:?until AS timestamptz) IS NULL OR occurred_at < CAST(:?until AS timestamptz))
    ORDER BY id DESC
    LIMIT CAST(:?limit AS integer)
  ) c
  LEFT JOIN webhooks.change_queue q ON q.id = c.id
  LEFT JOIN webhooks.parked_change p ON p.change_id = c.id
  LEFT JOIN webhooks.dropped_change x ON x.change_id = c.id
)
SELECT reached.reached, reached.looked_at, found.*
FROM (SELECT min(id)::text AS reached, count(*) AS looked_at FROM stretch) reached
LEFT JOIN found ON true
ORDER BY found.id DESC
