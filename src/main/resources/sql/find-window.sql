-- Finds the last of the next changes that one statement looks at; null when there are none left.
SELECT max(id) AS upto FROM (
  SELECT id FROM webhooks.change WHERE id > CAST(:?after AS bigint) AND id <= CAST(:?last AS bigint)
  ORDER BY id LIMIT CAST(:?size AS integer)) AS part
