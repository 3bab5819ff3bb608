-- Claims pending deliveries that are due, of each webhook as many as it has attempts free, by moving due_at to the end of
-- a lease: whoever dies with them only delays them. A webhook waits until half of its attempts are free, so that a claim
-- brings more than the one that has just become free. No more is taken than fits into memory (at least one). A delivery
-- whose change has been removed or emptied can never be sent and dies here. (Rows by their place, and each change by
-- itself: see claim-changes.sql.)
-- Of a paused webhook nothing is taken until its pause is over, and then one delivery, as a probe: whoever takes it holds
-- the endpoint's row and moves the end of the pause to that of the lease, so there is one probe over all processes. Rows
-- are held only where something is due, since holding one is a write. Likewise a webhook with a rate limit gets as many as
-- are within it: free_at is when the next one is, and each that is taken moves it by the time that one may take. What was
-- not used is lost but for the last two polls, so that nobody gets a burst and none is lost to the pause between polls.
-- Of a webhook with an order, or that wants the newest update only, each is judged first, in one snapshot: in it an earlier
-- change is either undispatched or has its delivery, if it has any (docs/ordering.md). Where all that was looked at had to be put
-- back, one row without an id says that there may be more.
WITH busy AS (
  SELECT * FROM jsonb_to_recordset(CAST(:?busy AS jsonb)) AS b(subscription_id uuid, in_flight integer, most integer)
), open AS MATERIALIZED (
  SELECT e.subscription_id, e.paused_until IS NOT NULL AS probe, s.rate_limit,
    greatest(e.free_at, now() - 2 * CAST(:?pollDelay AS interval)) AS free_from
  FROM webhooks.endpoint e
  CROSS JOIN LATERAL ( -- none so low that the time of the next would be out of PostgreSQL's range, and all claims with it
    SELECT CASE WHEN rate_limit < 0.00001 THEN 0.00001 ELSE rate_limit END AS rate_limit
    FROM webhooks.subscription WHERE id = e.subscription_id LIMIT 1
  ) s
  CROSS JOIN LATERAL (
    SELECT FROM webhooks.delivery
    WHERE subscription_id = e.subscription_id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT 1
  ) waiting
  WHERE CASE WHEN e.paused_until IS NULL THEN s.rate_limit IS NOT NULL ELSE e.paused_until <= now() END
    AND (s.rate_limit IS NULL OR e.free_at <= now())
  FOR UPDATE OF e SKIP LOCKED
), due AS MATERIALIZED (
  SELECT d.id, d.place, d.due_at, d.change_id, d.record_key, s.id AS subscription_id, s.workspace,
    s.ordering = 'record' AS in_order,
    CASE s.on_dead WHEN 'hold' THEN '{pending,dead}'::text[] ELSE '{pending}' END AS blocking,
    s.supersede AND d.scheduled AS may_be_superseded
  FROM webhooks.subscription s
  LEFT JOIN busy b ON b.subscription_id = s.id
  LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id AND (e.paused_until IS NOT NULL OR s.rate_limit IS NOT NULL)
  LEFT JOIN open o ON o.subscription_id = s.id
  CROSS JOIN LATERAL (
    SELECT least(coalesce(s.concurrency, CAST(:?concurrency AS integer)), b.most) AS most,
      coalesce(b.in_flight, 0) AS taken
  ) attempts
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id, record_key, coalesce(schedule_from, replayed_by) IS NULL AS scheduled
    FROM webhooks.delivery
    WHERE subscription_id = s.id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT CASE
      WHEN attempts.taken * 2 > attempts.most THEN 0
      WHEN e.subscription_id IS NULL THEN attempts.most - attempts.taken
      WHEN o.subscription_id IS NULL THEN 0
      WHEN o.probe THEN 1
      ELSE least(attempts.most - attempts.taken,
        1 + CAST(floor(extract(epoch FROM now() - o.free_from) * o.rate_limit) AS integer))
    END
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE s.enabled AND s.deleted_at IS NULL
  LIMIT CAST(:?room AS integer)
), last_in_order AS MATERIALIZED (
  SELECT max(change_id) AS id FROM due WHERE in_order AND record_key IS NOT NULL
), queued AS MATERIALIZED ( -- before that one; as many as can be looked through, which after a long transaction may not be all
  SELECT id FROM webhooks.change_queue WHERE id < (SELECT id FROM last_in_order) ORDER BY id LIMIT 2000
), undispatched AS MATERIALIZED (
  SELECT c.id, c.workspace, c.object, c.record_id
  FROM (
    SELECT id FROM queued
    UNION ALL
    SELECT claimed FROM webhooks.claim, unnest(changes) AS claimed
    WHERE NOT owed_in_order AND claimed < (SELECT id FROM last_in_order)
  ) u
  CROSS JOIN LATERAL (SELECT id, workspace, object, record_id FROM webhooks.change WHERE id = u.id LIMIT 1) c
), judged AS MATERIALIZED ( -- not_before: null where it may go. An earlier one that is locked does not end before this one sleeps
  SELECT due.place,
    CASE WHEN due.may_be_superseded AND c.action = 'updated' THEN (
      SELECT n.change_id FROM webhooks.delivery n
      WHERE n.record_key = due.record_key AND n.state IN ('pending', 'delivered') AND n.change_id > due.change_id
        AND (SELECT action FROM webhooks.change WHERE id = n.change_id) = 'updated'
      LIMIT 1) END AS superseded_by,
    CASE WHEN waits.behind AND (
      SELECT true FROM webhooks.delivery p
      WHERE p.record_key = due.record_key AND p.state = ANY (due.blocking) AND p.change_id < due.change_id
      LIMIT 1
      FOR SHARE SKIP LOCKED) THEN 'infinity'
    WHEN waits.behind OR due.in_order AND (
      due.change_id > (SELECT max(id) FROM queued HAVING count(*) = 2000)
      OR (SELECT true FROM undispatched u
        WHERE u.id < due.change_id AND u.record_id = c.record_id AND u.object = c.object AND u.workspace = due.workspace
        LIMIT 1)) THEN now() + interval '100 ms' END AS not_before
  FROM due
  CROSS JOIN LATERAL (SELECT object, action, record_id FROM webhooks.change WHERE id = due.change_id LIMIT 1) c
  CROSS JOIN LATERAL (
    SELECT due.in_order AND EXISTS (
      SELECT FROM webhooks.delivery p
      WHERE p.record_key = due.record_key AND p.state = ANY (due.blocking) AND p.change_id < due.change_id) AS behind
    OFFSET 0
  ) waits
  WHERE due.record_key IS NOT NULL
), superseded AS (
  UPDATE webhooks.delivery d
  SET state = 'cancelled', due_at = NULL, error = 'superseded by the update of change ' || j.superseded_by
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NOT NULL
), put_back AS (
  UPDATE webhooks.delivery d SET due_at = j.not_before
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NULL AND j.not_before IS NOT NULL
), sized AS MATERIALIZED (
  SELECT due.place, c.bytes IS NULL AS gone,
    coalesce(sum(c.bytes) OVER (ORDER BY due.due_at, due.id) - c.bytes, 0) AS bytes_before
  FROM due
  LEFT JOIN LATERAL (
    SELECT bytes FROM webhooks.change WHERE id = due.change_id AND record IS NOT NULL LIMIT 1
  ) c ON true
  WHERE due.place <> ALL (ARRAY(
    SELECT place FROM judged WHERE superseded_by IS NOT NULL OR not_before IS NOT NULL))
), died AS (
  UPDATE webhooks.delivery
  SET state = 'dead', due_at = NULL, error = 'its record is no longer in the change table'
  WHERE ctid = ANY (ARRAY(SELECT place FROM sized WHERE gone))
), claimed AS (
  UPDATE webhooks.delivery
  SET due_at = now() + CAST(:?lease AS interval)
  WHERE ctid = ANY (ARRAY(
    SELECT place FROM sized WHERE NOT gone AND bytes_before < CAST(:?batchBytes AS bigint)))
  RETURNING id, change_id, subscription_id, attempts, schedule_from, replayed_by, body
), taken AS (
  UPDATE webhooks.endpoint e
  SET paused_until = CASE WHEN o.probe THEN now() + CAST(:?lease AS interval) END,
    free_at = coalesce(o.free_from + c.deliveries / o.rate_limit * interval '1 s', e.free_at)
  FROM open o JOIN (SELECT subscription_id, count(*) AS deliveries FROM claimed GROUP BY subscription_id) c
    USING (subscription_id)
  WHERE e.subscription_id = o.subscription_id
)
SELECT d.id, d.change_id, d.subscription_id, d.attempts, coalesce(d.schedule_from, 0) AS schedule_from,
  d.replayed_by IS NOT NULL AS replayed, d.subscription_id IN (SELECT subscription_id FROM open WHERE open.probe) AS probe,
  d.body, c.workspace, c.event, c.record_id,
  c.record::text AS record, to_json(c.updated_fields)::text AS updated_fields, c.occurred_at,
  (SELECT revision FROM webhooks.subscription_revision) AS revision
FROM claimed d
RIGHT JOIN (SELECT WHERE EXISTS (SELECT FROM claimed) OR EXISTS (SELECT FROM judged)) any_at_all ON true
LEFT JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = d.change_id LIMIT 1) c ON true
ORDER BY d.id
