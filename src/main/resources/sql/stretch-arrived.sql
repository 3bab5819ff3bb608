-- Takes outcomes that are kept elsewhere for the stretch.
SELECT * FROM (
  -- the outcomes
) o
WHERE (CAST(:?webhook AS uuid) IS NULL OR subscription_id = CAST(:?webhook AS uuid))
