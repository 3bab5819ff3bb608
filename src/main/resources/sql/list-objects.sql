-- The objects of a workspace of Twenty, with the fields that are sent otherwise than Twenty sends them.
SELECT o.object, (SELECT CAST(relname AS text) FROM pg_catalog.pg_class WHERE oid = o.relation) AS table, o.captured, o.problem,
  CASE WHEN o.problem IS NULL THEN (
    SELECT json_agg(json_build_object('field', f.name, 'type', f.type, 'problem', f.problem) ORDER BY f.place)
    FROM webhooks.twenty_fields(o.object_id) AS f WHERE f.problem IS NOT NULL) END AS fields
FROM webhooks.twenty_objects(CAST(:?workspace AS text)) AS o
ORDER BY o.object COLLATE "C"
