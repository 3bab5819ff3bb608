-- Counts the parked changes of a workspace among the newest 10,000, so that those of others cost no more.
SELECT count(*) AS parked
FROM (SELECT change_id FROM webhooks.parked_change ORDER BY change_id DESC LIMIT 10000) newest
WHERE CAST(:?workspace AS text) IS NULL
  OR EXISTS (SELECT FROM webhooks.change c WHERE c.id = newest.change_id AND c.workspace = CAST(:?workspace AS text))
