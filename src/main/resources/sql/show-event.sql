-- Shows one change with its record and its fate at each webhook: the ids of its deliveries begin with its own. Only the
-- shown part of the record leaves the database.
SELECT c.id, webhooks.shown(c.workspace, 2000) AS workspace, webhooks.shown(c.event, 2000) AS event,
  webhooks.shown(c.record_id, 2000) AS "recordId", webhooks.shown_fields(c.updated_fields) AS "updatedFields", c.bytes,
  CASE WHEN p.change_id IS NOT NULL THEN 'parked' WHEN x.change_id IS NOT NULL THEN 'dropped'
    WHEN q.id IS NOT NULL OR c.id IN (SELECT unnest(changes) FROM webhooks.claim) THEN 'queued'
    ELSE 'dispatched' END AS state,
  webhooks.shown(p.reason, 2000) AS "parkedReason", webhooks.shown(x.reason, 2000) AS "droppedReason", c.occurred_at AS "occurredAt",
  webhooks.shown(c.record::text, CAST(:?most AS integer)) AS "recordText",
  length(c.record::text) <= CAST(:?most AS integer)
    AND (getdatabaseencoding() = 'UTF8' OR webhooks.is_text(c.record::text)) AS record_whole,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'webhookId', d.subscription_id, 'state', d.state) ORDER BY d.id), '[]')
   FROM (
     SELECT id, subscription_id, state FROM webhooks.delivery
     WHERE id >= 'msg_' || lpad(to_hex(c.id), 16, '0') COLLATE "C" AND id < 'msg_' || lpad(to_hex(c.id), 16, '0') || 'g' COLLATE "C"
     ORDER BY id LIMIT 1000) d) AS deliveries
FROM webhooks.change c
LEFT JOIN webhooks.change_queue q ON q.id = c.id
LEFT JOIN webhooks.parked_change p ON p.change_id = c.id
LEFT JOIN webhooks.dropped_change x ON x.change_id = c.id
WHERE c.id = CAST(:?id AS bigint) AND (CAST(:?workspace AS text) IS NULL OR c.workspace = CAST(:?workspace AS text))
