-- Finds, of the records of a batch, those for which an ordered webhook has something pending, or dead where that holds its
-- record back: from that change on they wait. A webhook that has nothing of the kind at all costs one look.
WITH asked AS MATERIALIZED (
  SELECT a.subscription_id, a.records, CASE WHEN s.hold THEN '{pending,dead}'::text[] ELSE '{pending}' END AS blocking
  FROM jsonb_to_recordset(CAST(:?lines AS jsonb)) AS a(subscription_id uuid, records jsonb)
  CROSS JOIN LATERAL (
    SELECT on_dead = 'hold' AS hold FROM webhooks.subscription WHERE id = a.subscription_id LIMIT 1
  ) s
  -- no EXISTS, for which a plan may read all that is pending
  WHERE (SELECT true FROM webhooks.delivery WHERE subscription_id = a.subscription_id AND state = 'pending' LIMIT 1)
    OR s.hold AND (SELECT true FROM webhooks.delivery
      WHERE subscription_id = a.subscription_id AND state = 'dead' AND state <> 'delivered' LIMIT 1)
)
SELECT asked.subscription_id, r.object, r.record_id, w.change_id
FROM asked
CROSS JOIN LATERAL jsonb_to_recordset(asked.records) AS r(object text, record_id text)
CROSS JOIN LATERAL (SELECT webhooks.record_key(asked.subscription_id, r.object, r.record_id) AS record_key OFFSET 0) k
CROSS JOIN LATERAL (
  SELECT min(first.change_id) AS change_id
  FROM unnest(asked.blocking) AS b(state)
  CROSS JOIN LATERAL ( -- for a state that is written here, a plan from when little was pending reads all that is pending
    SELECT change_id FROM webhooks.delivery WHERE record_key = k.record_key AND state = b.state ORDER BY change_id LIMIT 1
  ) first
) w
WHERE w.change_id IS NOT NULL
