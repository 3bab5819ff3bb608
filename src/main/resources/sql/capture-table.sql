-- Puts the capture triggers on a table. Names are as spelled in the database. Says whether this changed anything.
SELECT webhooks.capture(CAST(format('%I.%I', CAST(:?schema AS text), CAST(:?table AS text)) AS regclass),
  CAST(:?object AS text), CAST(:?workspace AS text), CAST(:?ignored AS text[])) AS changed
