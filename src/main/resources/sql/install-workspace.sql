-- Takes a workspace of Twenty over: captures its objects and mirrors its webhooks. Says what it did.
SELECT workspace, object, (SELECT CAST(relname AS text) FROM pg_catalog.pg_class WHERE oid = relation) AS table, what
FROM webhooks.twenty_install(ARRAY[CAST(:?workspace AS text)], CAST(:?cascades AS boolean), CAST(:?searchVector AS boolean),
  CAST(:?shareRestricted AS boolean))
