-- The next deliveries for webhooks made in Twenty, in the order of their changes, up to about 16 MB of bodies at a time and
-- always one. Changes of one statement, cascades included, have the same time. A delivery that arrived at once has no body of its own.
WITH part AS MATERIALIZED (
  SELECT d.id, d.change_id, d.subscription_id, d.state, d.error, d.body
  FROM webhooks.delivery AS d
  WHERE d.id >= CAST(:?from AS text) COLLATE "C"
    AND d.id < 'msg_' || lpad(to_hex(CAST(:?last AS bigint) + 1), 16, '0') COLLATE "C"
    AND d.subscription_id = ANY (CAST(:?webhooks AS uuid[])) AND d.replay_id = 0
  ORDER BY d.id LIMIT 200
), sized AS (
  SELECT p.*, c.event, c.object, c.record_id, c.occurred_at, CAST(c.record AS text) AS record, c.updated_fields, coalesce(sum(coalesce(octet_length(p.body), c.bytes)) OVER (
      ORDER BY p.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
  FROM part AS p LEFT JOIN webhooks.change AS c ON c.id = p.change_id
)
SELECT id, CAST(subscription_id AS text) AS "webhookId", state, error, event, object, record_id AS "recordId",
  occurred_at AS "occurredAt", body, CASE WHEN body IS NULL THEN record END AS record,
  CASE WHEN body IS NULL THEN updated_fields END AS "updatedFields"
FROM sized WHERE before < 16000000
ORDER BY id
