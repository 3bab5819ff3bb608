-- Records the outcomes of attempts of pending deliveries. A delivery may have ended meanwhile, at another process after the
-- lease, or because its webhook was deleted. It stays as it ended and only counts the attempt. Where others have made
-- attempts since, only a success changes it. The body of the first attempt that failed is kept: all later ones send the same
-- bytes. Those that were sent together stay together: one of them has a time, and brings the others. One without an attempt
-- ends a delivery that cannot be sent. (Rows by their place: see take-batch.sql.) A row that another process was
-- writing meanwhile has a place that this statement cannot see. Such rows are missed, and it must run again: it does nothing
-- twice.
WITH outcome AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:?outcomes AS jsonb)) AS o(
    id text, state text, attempts integer, wait_ms bigint, attempted_ms bigint, duration_ms integer, status integer,
    error text, response text, body text, post_id text, schedule_from integer)
  ORDER BY id -- so that two processes never wait for each other crosswise
), known AS MATERIALIZED (
  SELECT o.*, d.place, d.attempts AS before, d.state = 'pending' AND (d.attempts < o.attempts OR o.state = 'delivered' OR o.attempted_ms IS NULL) AS news,
    greatest(d.attempts, o.attempts) AS made
  FROM outcome o
  CROSS JOIN LATERAL (
    SELECT ctid AS place, state, attempts FROM webhooks.delivery WHERE id = o.id LIMIT 1 FOR UPDATE
  ) d
), made AS (
  INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
  SELECT id, attempts, to_timestamp(attempted_ms / 1000.0), duration_ms, status, error, response FROM known
  WHERE attempted_ms IS NOT NULL
  ON CONFLICT (delivery_id, number) DO NOTHING
), counted AS (
  UPDATE webhooks.delivery d SET attempts = k.made
  FROM known k
  WHERE d.ctid = k.place AND NOT k.news AND k.before < k.made
  RETURNING d.id
), recorded AS (
  UPDATE webhooks.delivery d
  SET state = k.state, attempts = k.made, due_at = CASE k.state WHEN 'pending' THEN coalesce(now() + k.wait_ms * interval '1 ms', 'infinity') END,
    post_id = k.post_id, waits = NULL, schedule_from = coalesce(k.schedule_from, d.schedule_from),
    attempted_at = to_timestamp(k.attempted_ms / 1000.0), duration_ms = k.duration_ms, status = k.status, error = k.error,
    body = coalesce(d.body, k.body)
  FROM known k
  WHERE d.ctid = k.place AND k.news
  RETURNING d.id
)
SELECT count(*) AS missed FROM known
WHERE (news OR before < made) AND id NOT IN (SELECT id FROM counted UNION ALL SELECT id FROM recorded)
