-- Finds the place of the changes of a time range: from newest on, whose times are not noted yet, and between first and
-- last. These two are null when no noted block can have any.
SELECT coalesce((SELECT max(block) + 1 FROM webhooks.change_block), 0) << 10 AS newest,
  min(block) << 10 AS first, (max(block) << 10) + 1023 AS last
FROM webhooks.change_block
WHERE (CAST(:?since AS timestamptz) IS NULL OR latest >= CAST(:?since AS timestamptz))
  AND (CAST(:?until AS timestamptz) IS NULL OR earliest < CAST(:?until AS timestamptz))
