-- Judges claimed deliveries for webhooks that ask for an order or for the newest update only (docs/ordering.md). Every
-- earlier change of a record was dispatched before, so only its deliveries are looked at. Returns those that may be sent.
-- The others are put back to wait for an earlier change of their record, or cancelled because a newer update is there.
-- A probe that is not sent does not count: its endpoint may be probed at once. Those with the same "post" go out together,
-- so one of them may follow another. One that may not go leaves its POST, and what is left of that falls due at once.
WITH claimed AS MATERIALIZED (
  SELECT d.id, d.place, d.subscription_id, d.change_id, d.record_key, asked.probe, d.post_id, d.due_at,
    rank() OVER (PARTITION BY d.record_key, asked.post ORDER BY d.change_id) AS number, -- in its POST
    s.ordering = 'record' AS in_order,
    CASE s.on_dead WHEN 'hold' THEN '{pending,dead}'::text[] ELSE '{pending}' END AS blocking,
    s.supersede AND d.scheduled AS may_be_superseded
  FROM jsonb_to_recordset(CAST(:?claimed AS jsonb)) AS asked(id text, probe boolean, post text)
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, subscription_id, change_id, record_key, state, due_at, post_id,
      coalesce(schedule_from, replayed_by) IS NULL AS scheduled
    FROM webhooks.delivery
    WHERE id = asked.id -- and no more, or a plan made for empty tables may take another index
    LIMIT 1
  ) d
  CROSS JOIN LATERAL (
    SELECT ordering, on_dead, supersede FROM webhooks.subscription WHERE id = d.subscription_id LIMIT 1
  ) s
  WHERE d.state = 'pending' AND d.due_at > now() -- the lease still holds
), judged AS MATERIALIZED ( -- not_before: null where it may go. An earlier one that is locked does not end before this one sleeps
  SELECT claimed.id, claimed.place, claimed.subscription_id, claimed.probe, claimed.post_id, claimed.due_at,
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
    WHEN waits.behind THEN now() + CAST(:?pollDelay AS interval) END AS not_before
  FROM claimed
  CROSS JOIN LATERAL (SELECT action FROM webhooks.change WHERE id = claimed.change_id LIMIT 1) c
  CROSS JOIN LATERAL (
    SELECT claimed.in_order AND (SELECT count(*) FROM (
      SELECT FROM webhooks.delivery p
      WHERE p.record_key = claimed.record_key AND p.state = ANY (claimed.blocking)
        AND p.change_id < claimed.change_id
      LIMIT claimed.number) AS earlier) = claimed.number AS behind -- more than go out with it
    OFFSET 0
  ) waits
), broken AS (
  SELECT DISTINCT post_id FROM judged WHERE post_id IS NOT NULL AND (superseded_by IS NOT NULL OR not_before IS NOT NULL)
), superseded AS (
  UPDATE webhooks.delivery d
  SET state = 'cancelled', due_at = NULL, error = 'superseded by the update of change ' || j.superseded_by
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NOT NULL
), put_back AS (
  UPDATE webhooks.delivery d SET due_at = j.not_before, post_id = NULL
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NULL AND j.not_before IS NOT NULL
), left_over AS (
  UPDATE webhooks.delivery d SET due_at = now()
  FROM judged j
  WHERE d.ctid = j.place AND j.superseded_by IS NULL AND j.not_before IS NULL
    AND j.due_at < 'infinity' AND j.post_id IN (SELECT post_id FROM broken)
), probed AS (
  UPDATE webhooks.endpoint SET paused_until = now()
  WHERE paused_until IS NOT NULL AND subscription_id IN (
    SELECT subscription_id FROM judged WHERE probe AND (superseded_by IS NOT NULL OR not_before IS NOT NULL))
)
SELECT id FROM judged
WHERE superseded_by IS NULL AND not_before IS NULL AND (post_id IS NULL OR post_id NOT IN (SELECT post_id FROM broken))
