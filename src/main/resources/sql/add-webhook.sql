-- Adds a webhook. A column that the caller does not name has the default of the table.
INSERT INTO webhooks.subscription (
  -- the names
)
SELECT
  -- the names
FROM jsonb_populate_record(NULL::webhooks.subscription, CAST(:?columns AS jsonb))
RETURNING
  -- the columns
