-- What has left the queue is forgotten at once: PostgreSQL's own daemon comes once a minute, and until then each claim
-- steps over it.
VACUUM (TRUNCATE false) webhooks.change_queue, webhooks.claim, webhooks.doorbell
