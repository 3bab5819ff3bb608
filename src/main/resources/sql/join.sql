-- A process enters the list of those that share the queue.
INSERT INTO webhooks.node DEFAULT VALUES RETURNING id
