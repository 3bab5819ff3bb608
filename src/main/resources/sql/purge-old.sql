-- Takes the next changes in the order of their ids that were written long enough ago. It removes them with their
-- deliveries and attempts. It keeps changes that wait, are parked, or have a delivery that is pending or not old enough.
-- Says how far it got, and whether there may be more. Removed changes are counted, so that one can say how many cannot
-- be replayed or reconciled any more. Nobody waits for the disk: a removal that a crash undoes is made again.
WITH walked AS MATERIALIZED (
  SELECT id FROM webhooks.change
  WHERE id > CAST(:?after AS bigint)
    AND id <= (SELECT max(last_id) FROM webhooks.log_mark WHERE noted_at < now() - CAST(:?keepDelivered AS interval))
  ORDER BY id
  LIMIT CAST(:?chunk AS integer)
), bounds AS MATERIALIZED (
  SELECT 'msg_' || lpad(to_hex(min(id)), 16, '0') AS lowest, 'msg_' || lpad(to_hex(max(id)), 16, '0') || '~' AS highest
  FROM walked
), needed AS MATERIALIZED (
  SELECT change_id FROM webhooks.delivery
  WHERE id >= (SELECT lowest FROM bounds) AND id <= (SELECT highest FROM bounds)
    AND (state = 'pending'
      OR greatest(created_at, attempted_at) >= now() - CAST(:?keepDelivered AS interval)
      OR state = 'dead' AND greatest(created_at, attempted_at) >= now() - CAST(:?keepDead AS interval))
  UNION SELECT change_id FROM webhooks.undispatched
  UNION SELECT change_id FROM webhooks.parked_change
), gone AS MATERIALIZED (
  SELECT id FROM walked WHERE id NOT IN (SELECT change_id FROM needed)
), old AS MATERIALIZED ( -- change by change: a kept plan may compare each delivery with each change
  SELECT d.place
  FROM gone
  CROSS JOIN LATERAL (
    SELECT ctid AS place FROM webhooks.delivery
    WHERE id >= 'msg_' || lpad(to_hex(gone.id), 16, '0') COLLATE "C"
      AND id < 'msg_' || lpad(to_hex(gone.id + 1), 16, '0') COLLATE "C"
  ) d
), deliveries AS (
  DELETE FROM webhooks.delivery
  WHERE ctid = ANY (ARRAY(SELECT place FROM old))
    AND state <> 'pending' -- somebody may have redelivered it just now
  RETURNING id
), attempts AS (
  DELETE FROM webhooks.attempt WHERE delivery_id = ANY (ARRAY(SELECT id FROM deliveries))
), dropped AS (
  DELETE FROM webhooks.dropped_change WHERE change_id = ANY (ARRAY(SELECT id FROM gone))
), changes AS (
  DELETE FROM webhooks.change WHERE id = ANY (ARRAY(SELECT id FROM gone))
  RETURNING workspace, event, occurred_at
), counted AS (
  INSERT INTO webhooks.removed_change AS r (day, workspace, event, changes, latest)
  SELECT CAST(occurred_at AT TIME ZONE 'UTC' AS date), workspace, coalesce(event, ''), count(*), max(occurred_at)
  FROM changes GROUP BY 1, 2, 3
  ON CONFLICT (day, hashtextextended(workspace, 0), hashtextextended(event, 0)) DO UPDATE
  SET changes = r.changes + excluded.changes, latest = greatest(r.latest, excluded.latest)
)
SELECT coalesce(max(id), 0) AS last_id, count(*) = CAST(:?chunk AS integer) AS more,
  (SELECT count(*) FROM gone) AS removed, set_config('synchronous_commit', 'off', true)
FROM walked
