-- Judges claimed deliveries for webhooks that ask for an order or for the newest update only (docs/ordering.md). Each is
-- judged in one snapshot: in it an earlier change is either undispatched or has its delivery, if it has any. Returns
-- those that may be sent. The others are put back to wait for an earlier change of their record, or cancelled because a
-- newer update is there. A probe that is not sent does not count: its endpoint may be probed at once.
WITH claimed AS MATERIALIZED (
  SELECT d.id, d.place, d.subscription_id, d.change_id, d.record_key, asked.probe, s.workspace,
    s.ordering = 'record' AS in_order,
    CASE s.on_dead WHEN 'hold' THEN '{pending,dead}'::text[] ELSE '{pending}' END AS blocking,
    s.supersede AND d.scheduled AS may_be_superseded
  FROM jsonb_to_recordset(CAST(:?claimed AS jsonb)) AS asked(id text, probe boolean)
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, subscription_id, change_id, record_key, state, due_at,
      coalesce(schedule_from, replayed_by) IS NULL AS scheduled
    FROM webhooks.delivery
    WHERE id = asked.id -- and no more, or a plan made for empty tables may take another index
    LIMIT 1
  ) d
  CROSS JOIN LATERAL (
    SELECT workspace, ordering, on_dead, supersede FROM webhooks.subscription WHERE id = d.subscription_id LIMIT 1
  ) s
  WHERE d.state = 'pending' AND d.due_at > now() -- the lease still holds
), last_in_order AS MATERIALIZED (
  SELECT max(change_id) AS id FROM claimed WHERE in_order
), queued AS MATERIALIZED ( -- before that one; after a long transaction these may be too many to look through
  SELECT id FROM webhooks.change_queue WHERE id < (SELECT id FROM last_in_order) ORDER BY id LIMIT 2000
), undispatched AS MATERIALIZED (
  SELECT c.id, c.workspace, c.object, c.record_id
  FROM (
    SELECT id FROM queued
    UNION ALL
    SELECT change_id FROM webhooks.claim, unnest(changes) AS change_id
    WHERE NOT owed_in_order AND change_id < (SELECT id FROM last_in_order)
  ) u
  CROSS JOIN LATERAL (SELECT id, workspace, object, record_id FROM webhooks.change WHERE id = u.id LIMIT 1) c
), judged AS MATERIALIZED ( -- not_before: null where it may go. An earlier one that is locked does not end before this one sleeps
  SELECT claimed.id, claimed.place, claimed.subscription_id, claimed.probe,
    CASE WHEN claimed.may_be_superseded AND c.action = 'updated' THEN (
      SELECT n.change_id FROM webhooks.delivery n
      WHERE n.record_key = claimed.record_key AND n.state IN ('pending', 'delivered') AND n.change_id > claimed.change_id
        AND (SELECT action FROM webhooks.change WHERE id = n.change_id) = 'updated'
      LIMIT 1) END AS superseded_by,
    CASE WHEN waits.behind AND (
      SELECT true FROM webhooks.delivery p
      WHERE p.record_key = claimed.record_key AND p.state = ANY (claimed.blocking) AND p.change_id < claimed.change_id
      LIMIT 1
      FOR SHARE SKIP LOCKED) THEN 'infinity'
    WHEN waits.behind OR claimed.in_order AND claimed.record_key IS NOT NULL AND (
      claimed.change_id > (SELECT max(id) FROM queued HAVING count(*) = 2000)
      OR (SELECT true FROM undispatched u
        WHERE u.id < claimed.change_id AND u.record_id = c.record_id AND u.object = c.object
          AND u.workspace = claimed.workspace
        LIMIT 1)) THEN now() + CAST(:?pollDelay AS interval) END AS not_before
  FROM claimed
  CROSS JOIN LATERAL (SELECT object, action, record_id FROM webhooks.change WHERE id = claimed.change_id LIMIT 1) c
  CROSS JOIN LATERAL (
    SELECT claimed.in_order AND EXISTS (
      SELECT FROM webhooks.delivery p
      WHERE p.record_key = claimed.record_key AND p.state = ANY (claimed.blocking)
        AND p.change_id < claimed.change_id) AS behind
    OFFSET 0
  ) waits
), superseded AS (
  UPDATE webhooks.delivery d
  SET state = 'cancelled', due_at = NULL, error = 'superseded by the update of change ' || j.superseded_by
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NOT NULL
), put_back AS (
  UPDATE webhooks.delivery d SET due_at = j.not_before
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NULL AND j.not_before IS NOT NULL
), probed AS (
  UPDATE webhooks.endpoint SET paused_until = now()
  WHERE paused_until IS NOT NULL AND subscription_id IN (
    SELECT subscription_id FROM judged WHERE probe AND (superseded_by IS NOT NULL OR not_before IS NOT NULL))
)
SELECT id FROM judged WHERE superseded_by IS NULL AND not_before IS NULL
