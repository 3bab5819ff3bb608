-- Finds the newest deliveries of one webhook or of one workspace: the newest of each webhook, and then the newest of
-- these.
SELECT d.* FROM webhooks.subscription s
CROSS JOIN LATERAL (
  SELECT * FROM webhooks.delivery
  WHERE subscription_id = s.id
    AND change_id BETWEEN CAST(:?first AS bigint) AND CAST(:?last AS bigint)
    AND id < CAST(:?below AS text) COLLATE "C"
  ORDER BY change_id DESC, id DESC
  LIMIT CAST(:?size AS integer)
) d
WHERE (CAST(:?webhook AS uuid) IS NULL OR s.id = CAST(:?webhook AS uuid))
  AND (CAST(:?workspace AS text) IS NULL OR s.workspace = CAST(:?workspace AS text))
ORDER BY d.id DESC
LIMIT CAST(:?size AS integer)
