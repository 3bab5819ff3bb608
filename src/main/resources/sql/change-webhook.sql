-- Changes what a caller names. The time of the change is later than the one before, so that no two versions are the same.
UPDATE webhooks.subscription s
SET
  -- the changes
  updated_at = greatest(now(), least(updated_at, now() + interval '1 day') + interval '1 microsecond')
WHERE id = CAST(:?id AS uuid)
