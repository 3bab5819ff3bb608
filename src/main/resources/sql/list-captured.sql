-- The captured tables, and those that should be captured and are not.
SELECT schema, name, object, workspace, ignored, problem FROM webhooks.captured_table ORDER BY schema, name
