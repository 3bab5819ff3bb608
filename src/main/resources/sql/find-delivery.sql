-- Finds one delivery with its last 200 attempts. A delivery that succeeded at once has no attempt row of its own.
SELECT d.*, false AS body_left_out, (
  SELECT coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'attemptedAt', a.attempted_at::text,
    'durationMs', a.duration_ms, 'status', a.status, 'error', webhooks.shown(a.error, 2000),
    'response', webhooks.shown(a.response, 4000)) ORDER BY a.number), '[]')
  FROM (
    (SELECT number, attempted_at, duration_ms, status, error, response FROM webhooks.attempt WHERE delivery_id = d.id
     ORDER BY number DESC LIMIT 200)
    UNION ALL
    SELECT d.attempts, d.attempted_at, d.duration_ms, d.status, d.error, NULL
    WHERE d.state = 'delivered'
      AND NOT EXISTS (SELECT FROM webhooks.attempt WHERE delivery_id = d.id AND number = d.attempts)) a) AS made
FROM webhooks.delivery d
WHERE d.id = CAST(:?id AS text) COLLATE "C"
