-- This process lives and has these keys. Its claims whose batches have moved since the last beat get a new lease. Each
-- row says for one of them whether it was still there. Three kinds of claims go back onto the queue: those of processes
-- that have missed five beats, those whose lease has ended, and those that this process has had for five beats without
-- knowing of them, since the answer to the claim was lost. Their partitions are free again.
--
-- A process may have missed as many beats itself, because the database or the machine was away. It judges the others
-- only after it has beaten for as long again, since they have missed the same ones. The same holds for a process that
-- was seen in the future, since the clock of the database has gone back.
WITH self AS MATERIALIZED (
  SELECT seen_at, beating_since FROM webhooks.node WHERE id = CAST(:?node AS integer)
), beat AS (
  INSERT INTO webhooks.node (id, seen_at, beating_since, secret_keys) OVERRIDING SYSTEM VALUE
  VALUES (CAST(:?node AS integer), now(), now(), CAST(:?secretKeys AS text[]))
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, secret_keys = excluded.secret_keys, beating_since = CASE
    WHEN node.seen_at BETWEEN now() - 5 * CAST(:?heartbeat AS interval) AND now() AND node.beating_since <= now()
    THEN node.beating_since ELSE now() END
), gone AS (
  DELETE FROM webhooks.node
  WHERE id <> CAST(:?node AS integer)
    AND seen_at NOT BETWEEN now() - 5 * CAST(:?heartbeat AS interval) AND now() + 5 * CAST(:?heartbeat AS interval)
    AND EXISTS (SELECT FROM self WHERE seen_at BETWEEN now() - 5 * CAST(:?heartbeat AS interval) AND now()
      AND beating_since <= now() - 5 * CAST(:?heartbeat AS interval))
  RETURNING id
), renewed AS (
  UPDATE webhooks.claim SET lease_until = now() + CAST(:?lease AS interval)
  WHERE id = ANY (CAST(:?moving AS bigint[])) AND node = CAST(:?node AS integer)
  RETURNING id
), lost AS (
  DELETE FROM webhooks.claim
  WHERE id <> ALL (CAST(:?moving AS bigint[])) AND (
    lease_until < now()
    OR node IN (SELECT id FROM gone)
    OR node = CAST(:?node AS integer) AND id <> ALL (CAST(:?held AS bigint[]))
      AND lease_until < now() + CAST(:?lease AS interval) - 5 * CAST(:?heartbeat AS interval))
  RETURNING id, changes
), free AS MATERIALIZED ( -- also of a claim that somebody deleted; another one may hold it by now
  SELECT p.id, p.claim FROM webhooks.partition p
  WHERE p.held AND (p.claim IN (SELECT id FROM lost) OR NOT EXISTS (SELECT FROM webhooks.claim c WHERE c.id = p.claim))
), freed AS (
  UPDATE webhooks.partition p SET held = false FROM free WHERE p.id = free.id AND p.claim = free.claim
), queued AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT unnest(changes) FROM lost
  ON CONFLICT (id) DO NOTHING
)
SELECT m.id AS claim_id, r.id IS NOT NULL AS renewed
FROM unnest(CAST(:?moving AS bigint[])) AS m(id)
LEFT JOIN renewed r ON r.id = m.id
