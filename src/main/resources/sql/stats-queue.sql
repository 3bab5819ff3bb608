-- Counts the changes that are still to be dispatched, claimed or not, up to 10,000, and says since when they wait. (The
-- two halves of the view are asked one by one, so that each finds its oldest without reading the rest.)
SELECT (SELECT count(*) FROM (SELECT FROM webhooks.undispatched LIMIT 10000) few) AS queued,
  (SELECT c.occurred_at FROM webhooks.change c WHERE c.id = least(
    (SELECT min(id) FROM webhooks.change_queue),
    (SELECT min(claimed) FROM webhooks.claim, unnest(changes) AS claimed))) AS "oldestQueuedAt"
