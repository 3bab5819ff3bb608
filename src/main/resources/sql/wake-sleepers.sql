-- Wakes deliveries that wait for an earlier one of their record although there is none. The setting of their webhook has
-- changed, or two ends have missed each other. Records are walked from the first and from a random one on. So each run
-- costs the same however many there are, and all have their turn. One that is woken too soon goes back to sleep at its
-- claim. (Only a pending delivery has a time. With its state in the condition, a plan may read all that is pending.)
WITH RECURSIVE record AS (
  (SELECT record_key, subscription_id, 1 AS number FROM webhooks.delivery
   WHERE NOT isfinite(due_at) AND record_key >= (SELECT ((random() - 0.5) * 1.8e19)::bigint)
   ORDER BY record_key LIMIT 1)
  UNION ALL
  (SELECT record_key, subscription_id, 1 FROM webhooks.delivery
   WHERE NOT isfinite(due_at)
   ORDER BY record_key LIMIT 1)
  UNION ALL
  SELECT next.record_key, next.subscription_id, record.number + 1
  FROM record
  CROSS JOIN LATERAL (
    SELECT record_key, subscription_id FROM webhooks.delivery
    WHERE NOT isfinite(due_at) AND record_key > record.record_key
    ORDER BY record_key LIMIT 1
  ) next
  WHERE record.number < 1000
), asleep AS MATERIALIZED (
  SELECT d.place, d.change_id, record.record_key, s.ordering,
    CASE s.on_dead WHEN 'hold' THEN '{pending,dead}'::text[] ELSE '{pending}' END AS blocking
  FROM record
  JOIN webhooks.subscription s ON s.id = record.subscription_id
  CROSS JOIN LATERAL (
    SELECT ctid AS place, change_id FROM webhooks.delivery
    WHERE NOT isfinite(due_at) AND record_key = record.record_key
    ORDER BY change_id
    LIMIT CASE s.ordering WHEN 'record' THEN 1 ELSE 1000 END
    FOR UPDATE SKIP LOCKED
  ) d
)
UPDATE webhooks.delivery SET due_at = now()
WHERE ctid = ANY (ARRAY(
  SELECT place FROM asleep
  WHERE asleep.ordering <> 'record' OR NOT EXISTS (
    SELECT FROM webhooks.delivery p
    WHERE p.record_key = asleep.record_key AND p.state = ANY (asleep.blocking) AND p.change_id < asleep.change_id)))
