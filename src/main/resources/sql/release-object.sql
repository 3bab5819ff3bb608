-- Takes capture off one object of a workspace of Twenty, so that no other table is locked meanwhile. Says what it did.
SELECT CAST(:?workspace AS text) AS workspace, r.object, (SELECT CAST(relname AS text) FROM pg_catalog.pg_class WHERE oid = r.relation) AS table, r.what
FROM webhooks.twenty_release(CAST(:?workspace AS text), ARRAY(
  SELECT o.object_id FROM webhooks.twenty_objects(CAST(:?workspace AS text)) AS o
  WHERE o.object <> CAST(:?object AS text))) AS r
