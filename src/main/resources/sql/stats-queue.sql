-- What is still to be dispatched, counted up to 10,000, and since when.
SELECT (SELECT count(*) FROM (SELECT FROM webhooks.change_queue LIMIT 10000) few) AS queued,
  (SELECT c.occurred_at FROM (SELECT id FROM webhooks.change_queue ORDER BY id LIMIT 1) first
   JOIN webhooks.change c ON c.id = first.id) AS "oldestQueuedAt"
