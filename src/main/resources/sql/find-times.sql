-- Where the changes of a time range lie: among the newest, from newest on, whose times are not noted yet, and between first
-- and last; these two are null when none of what is noted can be meant.
SELECT coalesce((SELECT max(block) + 1 FROM webhooks.change_block), 0) << 10 AS newest,
  min(block) << 10 AS first, (max(block) << 10) + 1023 AS last
FROM webhooks.change_block
WHERE (CAST(:?since AS timestamptz) IS NULL OR latest >= CAST(:?since AS timestamptz))
  AND (CAST(:?until AS timestamptz) IS NULL OR earliest < CAST(:?until AS timestamptz))
