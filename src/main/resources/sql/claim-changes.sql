-- Takes the oldest queued changes that nobody else is taking off the queue, and keeps them as one claim. It never uses a
-- cursor on ids, because they commit out of order. No more is taken than fits into memory, but at least one change. A
-- record that is too large by itself is not read. The revision comes from the same snapshot, so a change is matched with
-- every webhook committed before it. A change with a flaw is parked, and nothing else of it is read. The time of its commit
-- is asked for only when it may be from before a webhook went live. Whoever queues a parked change by hand may leave it
-- parked; from here on it is not.
--
-- Rows are found again by their place, and each change by itself. So a plan that was kept from the time when the tables
-- were empty is as good as any other. The limit is a subselect, so that a plan for its value promises nothing more and
-- PostgreSQL keeps one. Before a long queue it would else plan each claim anew, at a seventh of its cost.
WITH oldest AS MATERIALIZED (
  SELECT id, bytes, ctid AS place FROM webhooks.change_queue
  ORDER BY id
  LIMIT (SELECT CAST(:?batchSize AS integer))
  FOR UPDATE SKIP LOCKED
), taken AS MATERIALIZED (
  SELECT id, place
  FROM (SELECT id, place, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM oldest) sized
  WHERE bytes_before < CAST(:?batchBytes AS bigint)
), dequeued AS (
  DELETE FROM webhooks.change_queue WHERE ctid = ANY (ARRAY(SELECT place FROM taken))
), unparked AS (
  DELETE FROM webhooks.parked_change WHERE change_id = ANY (ARRAY(
    SELECT id FROM taken WHERE id <= (SELECT max(change_id) FROM webhooks.parked_change))) -- else newer than all of them
), claim AS (
  INSERT INTO webhooks.claim (node, lease_until, changes)
  SELECT CAST(:?node AS integer), now() + CAST(:?lease AS interval), array_agg(id) FROM taken HAVING count(*) > 0
  RETURNING id
)
SELECT t.id AS change_id, c.epoch,
  CASE WHEN c.epoch < (SELECT CAST(extract(epoch FROM max(live_from)) * 1000000 AS bigint) FROM webhooks.subscription WHERE deleted_at IS NULL)
    THEN CAST(extract(epoch FROM webhooks.committed_at(t.id, c.workspace, c.epoch, c.committer, now())) * 1000000 AS bigint)
    ELSE c.epoch END AS committed,
  CASE WHEN f.flaw IS NULL THEN webhooks.readable_origin(c.origin) END AS origin, f.flaw, CASE WHEN f.flaw IS NULL THEN c.workspace END AS workspace,
  CASE WHEN f.flaw IS NULL THEN c.event END AS event, CASE WHEN f.flaw IS NULL THEN c.record_id END AS record_id,
  CASE WHEN f.flaw IS NULL AND c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record::text END AS record, c.bytes,
  CASE WHEN f.flaw IS NULL THEN to_json(c.updated_fields)::text END AS updated_fields, c.occurred_at::text AS occurred_at,
  (SELECT revision FROM webhooks.subscription_revision) AS revision, (SELECT id FROM claim) AS claim_id,
  (SELECT count(*) FROM oldest) >= least(CAST(:?batchSize AS integer), (SELECT count(*) FROM taken) + 1) AS more
FROM taken t
LEFT JOIN LATERAL (SELECT *, xmin AS committer FROM webhooks.change WHERE id = t.id LIMIT 1) c ON true
CROSS JOIN LATERAL (
  SELECT webhooks.flaw(c.workspace, c.event, c.record_id, c.updated_fields,
    CASE WHEN c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record END) AS flaw
  OFFSET 0
) f
ORDER BY t.id
