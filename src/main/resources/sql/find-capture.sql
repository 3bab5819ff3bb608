-- Says when the first changes of a range were captured, in microseconds since 1970; null when there are none. A later id was
-- captured earlier at most by as much as a statement lasts.
SELECT min(epoch) AS epoch FROM (
  SELECT epoch FROM webhooks.change WHERE id > CAST(:?after AS bigint) AND id <= CAST(:?last AS bigint)
  ORDER BY id LIMIT 1000) AS first
