-- Finds the newest deliveries in the rare states pending, dead and cancelled, through the index that has only these.
SELECT d.* FROM webhooks.subscription s
CROSS JOIN unnest(CAST(:?states AS text[])) AS wanted(state)
CROSS JOIN LATERAL (
  SELECT * FROM webhooks.delivery
  WHERE subscription_id = s.id AND state = wanted.state AND state <> 'delivered'
    AND change_id BETWEEN CAST(:?first AS bigint) AND CAST(:?last AS bigint)
    AND id < CAST(:?below AS text) COLLATE "C"
  ORDER BY change_id DESC, id DESC
  LIMIT CAST(:?size AS integer)
) d
WHERE (CAST(:?webhook AS uuid) IS NULL OR s.id = CAST(:?webhook AS uuid))
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
ORDER BY d.id DESC
LIMIT CAST(:?size AS integer)
