-- Cancels updates that wait for their next attempt although a newer update of their record has been dispatched. An
-- update that may be in flight, as its lease tells, is left, and so is one of a POST of many. If it fails, its claim finds the
-- newer one. A delivery that somebody has redelivered or replayed is sent as asked.
WITH newer AS MATERIALIZED (
  SELECT webhooks.record_key(n.subscription_id, n.object, n.record_id) AS record_key, max(n.change_id) AS change_id,
    'pending' AS state -- from here, so that a plan from when little was pending does not read all that is
  FROM jsonb_to_recordset(CAST(:?updates AS jsonb)) AS n(
    change_id bigint, subscription_id uuid, object text, record_id text)
  GROUP BY 1
), older AS MATERIALIZED (
  SELECT d.place, newer.change_id
  FROM newer
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM webhooks.delivery o
    WHERE o.record_key = newer.record_key AND o.state = newer.state AND o.change_id < newer.change_id
      AND (o.due_at <= now() OR o.due_at > now() + CAST(:?lease AS interval))
      AND coalesce(o.schedule_from, o.replayed_by) IS NULL AND o.post_id IS NULL
      AND (SELECT action FROM webhooks.change WHERE id = o.change_id) = 'updated'
    FOR UPDATE SKIP LOCKED
  ) d
)
UPDATE webhooks.delivery d
SET state = 'cancelled', due_at = NULL, error = 'superseded by the update of change ' || older.change_id
FROM older
WHERE d.ctid = older.place
