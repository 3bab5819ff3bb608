-- Finds one delivery with its last 200 attempts in an outcome that is kept elsewhere.
SELECT d.*, (
  SELECT coalesce(jsonb_agg(jsonb_build_object('number', a.number,
    'attemptedAt', CAST(to_timestamp(a.attempted_ms / 1000.0) AS text), 'durationMs', a.duration_ms, 'status', a.status,
    'error', webhooks.shown(a.error, 2000), 'response', webhooks.shown(a.response, 4000)) ORDER BY a.number), '[]')
  FROM (
    SELECT * FROM jsonb_to_recordset(coalesce(d.history, jsonb_build_array(jsonb_build_object('number', d.attempts,
      'attempted_ms', CAST(extract(epoch FROM d.attempted_at) * 1000 AS bigint), 'duration_ms', d.duration_ms, 'status', d.status)))) AS h(
        number integer, attempted_ms bigint, duration_ms integer, status integer, error text, response text)
    ORDER BY number DESC LIMIT 200) a) AS made
FROM (
  -- the outcomes
) d
