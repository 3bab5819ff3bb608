-- The captured tables, and those that should be captured and are not, as they are shown.
SELECT schema, name AS "table", object, workspace, ignored AS "ignoredColumns", problem
FROM webhooks.captured_table ORDER BY schema, name
