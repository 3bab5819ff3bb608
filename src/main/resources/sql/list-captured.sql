-- The captured tables, and those that should be captured and are not, as they are shown.
SELECT c.schema, c.name AS "table", c.object, c.workspace, c.ignored AS "ignoredColumns", c.problem, c.twenty,
  (SELECT t.file FROM webhooks.capture_target AS t WHERE (t.schema, t.name) = (c.schema, c.name)) AS file
FROM webhooks.captured_table AS c ORDER BY c.schema, c.name
