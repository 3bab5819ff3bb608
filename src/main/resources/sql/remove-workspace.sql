-- Gives a workspace of Twenty back. Says what it did.
SELECT workspace, object, (SELECT CAST(relname AS text) FROM pg_catalog.pg_class WHERE oid = relation) AS table, what FROM webhooks.twenty_remove(ARRAY[CAST(:?workspace AS text)])
