-- Lists a page of parked changes, newest first. It looks at a stretch of them, as list-events.sql does with the log.
WITH stretch AS MATERIALIZED (
  SELECT change_id, reason, parked_at FROM webhooks.parked_change
  WHERE change_id < CAST(:?below AS bigint) AND change_id >= CAST(:?first AS bigint)
  ORDER BY change_id DESC
  LIMIT CAST(:?size AS integer)
), found AS (
  SELECT c.id, webhooks.shown(c.workspace, 2000) AS workspace, webhooks.shown(c.event, 2000) AS event,
    webhooks.shown(c.record_id, 2000) AS "recordId", c.bytes, webhooks.shown(p.reason, 2000) AS reason,
    c.occurred_at AS "occurredAt", p.parked_at AS "parkedAt"
  FROM stretch p
  CROSS JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = p.change_id OFFSET 0) c
  WHERE (CAST(:?workspace AS text) IS NULL OR c.workspace = CAST(:?workspace AS text))
    AND (CAST(:?object AS text) IS NULL OR c.object = CAST(:?object AS text))
    AND (CAST(:?action AS text) IS NULL OR c.action = CAST(:?action AS text))
    AND (CAST(:?since AS timestamptz) IS NULL OR c.occurred_at >= CAST(:?since AS timestamptz))
    AND (CAST(:?until AS timestamptz) IS NULL OR c.occurred_at < CAST(:?until AS timestamptz))
    AND (CAST(:?reason AS text) IS NULL OR strpos(lower(p.reason), lower(CAST(:?reason AS text))) > 0)
  ORDER BY c.id DESC
  LIMIT CAST(:?limit AS integer)
)
SELECT reached.reached, reached.looked_at, found.*
FROM (SELECT min(change_id)::text AS reached, count(*) AS looked_at FROM stretch) reached
LEFT JOIN found ON true
ORDER BY found.id DESC
