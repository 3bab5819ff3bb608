-- Takes a batch: the oldest queued changes that nobody else is taking, as one claim. It never uses a cursor on ids, because
-- they commit out of order. No more is taken than fits into memory, but at least one change. A record that is too large by
-- itself is not read. The revision comes from the same snapshot, so a change is matched with every webhook committed before
-- it. A change with a flaw is parked, and nothing else of it is read. The time of its commit is asked for only when it may
-- be from before a webhook went live. Whoever queues a parked change by hand may leave it parked; from here on it is not.
--
-- While a webhook keeps an order, and always where the changes go on to a log in order, it takes the oldest changes of partitions that nobody holds, and the claim holds these. It
-- begins with the partition whose oldest change is the oldest of all. Of a long queue it takes a quarter of the free ones,
-- and leaves the others to the next claims. A partition must be as this snapshot has it: when a claim has come and gone
-- meanwhile, so may have changes that this statement cannot see. Claims from before there was such a webhook hold nothing,
-- so they are waited for. (Without an order all are taken alike, because deliveries whose ids follow each other cost less.)
--
-- Rows are found again by their place, and each change by itself. So a plan that was kept from the time when the tables
-- were empty is as good as any other. The limit is a subselect, so that a plan for its value promises nothing more and
-- PostgreSQL keeps one. Before a long queue it would else plan each claim anew, at a seventh of its cost.
WITH RECURSIVE known AS MATERIALIZED (
  SELECT revision, order_kept AS in_order, order_kept AND EXISTS (SELECT FROM webhooks.claim WHERE NOT in_order) AS waits
  FROM (
    SELECT revision, in_order OR CAST(:?inOrder AS boolean) AS order_kept FROM webhooks.subscription_revision
  ) wanted
), head AS ( -- the oldest change of each partition
  (SELECT partition, id FROM webhooks.change_queue WHERE (SELECT in_order AND NOT waits FROM known) ORDER BY partition, id LIMIT 1)
  UNION ALL
  SELECT next.partition, next.id
  FROM head
  CROSS JOIN LATERAL (
    SELECT partition, id FROM webhooks.change_queue WHERE partition > head.partition ORDER BY partition, id LIMIT 1
  ) next
), free AS MATERIALIZED (
  SELECT head.partition, p.claim, (CAST(:?batchSize AS integer) - 1) / ((count(*) OVER () + 3) / 4) + 1 AS most
  FROM head
  CROSS JOIN LATERAL (SELECT claim, held FROM webhooks.partition WHERE id = head.partition LIMIT 1) p
  WHERE NOT p.held
  ORDER BY head.id
), oldest_in_order AS MATERIALIZED (
  SELECT q.id, q.bytes, q.place, free.partition
  FROM free
  CROSS JOIN LATERAL (
    SELECT FROM webhooks.partition
    WHERE id = free.partition AND claim = free.claim AND NOT held
    FOR UPDATE SKIP LOCKED
  ) turn
  CROSS JOIN LATERAL (
    SELECT id, bytes, ctid AS place FROM webhooks.change_queue
    WHERE partition BETWEEN free.partition AND free.partition -- with = a plan may go by id, through all others
    ORDER BY partition, id
    LIMIT free.most
    FOR UPDATE SKIP LOCKED
  ) q
  LIMIT (SELECT CAST(:?batchSize AS integer))
), oldest_of_all AS MATERIALIZED (
  SELECT id, bytes, ctid AS place, partition FROM webhooks.change_queue
  WHERE (SELECT NOT in_order FROM known)
  ORDER BY id
  LIMIT (SELECT CAST(:?batchSize AS integer))
  FOR UPDATE SKIP LOCKED
), oldest AS MATERIALIZED (
  SELECT * FROM oldest_of_all
  UNION ALL
  SELECT * FROM oldest_in_order
), taken AS MATERIALIZED (
  SELECT id, place, partition
  FROM (SELECT *, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM oldest) sized
  WHERE bytes_before < CAST(:?batchBytes AS bigint)
), dequeued AS (
  DELETE FROM webhooks.change_queue WHERE ctid = ANY (ARRAY(SELECT place FROM taken))
), unparked AS (
  DELETE FROM webhooks.parked_change WHERE change_id = ANY (ARRAY(
    SELECT id FROM taken WHERE id <= (SELECT max(change_id) FROM webhooks.parked_change))) -- else newer than all of them
), claim AS (
  INSERT INTO webhooks.claim (node, lease_until, changes, in_order)
  SELECT CAST(:?node AS integer), now() + CAST(:?lease AS interval), array_agg(id), (SELECT in_order FROM known)
  FROM taken HAVING count(*) > 0
  RETURNING id, in_order
), held AS (
  UPDATE webhooks.partition SET claim = claim.id, held = true
  FROM claim
  WHERE claim.in_order AND partition.id = ANY (ARRAY(SELECT partition FROM taken))
)
SELECT t.id AS change_id, c.epoch,
  CASE WHEN c.epoch < (SELECT CAST(extract(epoch FROM max(live_from)) * 1000000 AS bigint) FROM webhooks.subscription WHERE deleted_at IS NULL)
    THEN CAST(extract(epoch FROM webhooks.committed_at(t.id, c.workspace, c.epoch, c.committer, now())) * 1000000 AS bigint)
    ELSE c.epoch END AS committed,
  CASE WHEN f.flaw IS NULL THEN webhooks.readable_origin(c.origin) END AS origin, f.flaw, CASE WHEN f.flaw IS NULL THEN c.workspace END AS workspace,
  CASE WHEN f.flaw IS NULL THEN c.event END AS event, CASE WHEN f.flaw IS NULL THEN c.record_id END AS record_id,
  CASE WHEN f.flaw IS NULL AND c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record::text END AS record, c.bytes,
  CASE WHEN f.flaw IS NULL THEN to_json(c.updated_fields)::text END AS updated_fields, c.occurred_at::text AS occurred_at,
  known.revision, known.in_order, (SELECT id FROM claim) AS claim_id,
  (SELECT count(*) FROM oldest)
    >= least(CAST(:?batchSize AS integer), (SELECT count(*) FROM taken) + 1, (SELECT min(most) FROM free)) AS more
FROM known
CROSS JOIN taken t
LEFT JOIN LATERAL (SELECT *, xmin AS committer FROM webhooks.change WHERE id = t.id LIMIT 1) c ON true
CROSS JOIN LATERAL (
  SELECT webhooks.flaw(c.workspace, c.event, c.record_id, c.updated_fields,
    CASE WHEN c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record END) AS flaw
  OFFSET 0
) f
ORDER BY t.id
