-- Captures one object of a workspace of Twenty, so that no other table is locked meanwhile. Says what it did.
SELECT CAST(:?workspace AS text) AS workspace, c.object, (SELECT CAST(relname AS text) FROM pg_catalog.pg_class WHERE oid = c.relation) AS table, c.what
FROM webhooks.twenty_objects(CAST(:?workspace AS text)) AS o
CROSS JOIN LATERAL webhooks.twenty_capture(CAST(:?workspace AS text), false, o.object_id) AS c
WHERE o.object = CAST(:?object AS text)
