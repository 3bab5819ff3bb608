-- Wakes deliveries that wait for an earlier one of their record although there is none. The setting of their webhook has
-- changed, or two ends have missed each other. Records are walked from the first and from a random one on. So each run
-- costs the same however many there are, and all have their turn. One that is woken too soon goes back to sleep at its
-- claim. In the same way the first of a POST falls due where none of it does. (Only a pending delivery has a time. With its
-- state in the condition, a plan may read all that is pending.)
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
    WHERE NOT isfinite(due_at) AND record_key = record.record_key AND post_id IS NULL
    ORDER BY change_id
    LIMIT CASE s.ordering WHEN 'record' THEN 1 ELSE 1000 END
    FOR UPDATE SKIP LOCKED
  ) d
), post AS (
  (SELECT post_id, 1 AS number FROM webhooks.delivery
   WHERE post_id >= (SELECT 'msg_' || to_hex((random() * 255)::integer))
   ORDER BY post_id LIMIT 1)
  UNION ALL
  (SELECT post_id, 1 FROM webhooks.delivery WHERE post_id IS NOT NULL ORDER BY post_id LIMIT 1)
  UNION ALL
  SELECT next.post_id, post.number + 1
  FROM post
  CROSS JOIN LATERAL (
    SELECT post_id FROM webhooks.delivery WHERE post_id > post.post_id ORDER BY post_id LIMIT 1
  ) next
  WHERE post.number < 1000
), led AS (
  UPDATE webhooks.delivery SET due_at = now()
  WHERE ctid = ANY (ARRAY(
    SELECT first.place
    FROM post
    CROSS JOIN LATERAL (
      SELECT ctid AS place FROM webhooks.delivery
      WHERE post_id = post.post_id AND NOT isfinite(due_at)
      ORDER BY id
      LIMIT 1
      FOR UPDATE SKIP LOCKED
    ) first
    WHERE NOT EXISTS (
      SELECT FROM webhooks.delivery d WHERE d.post_id = post.post_id AND d.due_at < 'infinity')))
)
UPDATE webhooks.delivery SET due_at = now()
WHERE ctid = ANY (ARRAY(
  SELECT place FROM asleep
  WHERE asleep.ordering <> 'record' OR NOT EXISTS (
    SELECT FROM webhooks.delivery p
    WHERE p.record_key = asleep.record_key AND p.state = ANY (asleep.blocking) AND p.change_id < asleep.change_id)))
