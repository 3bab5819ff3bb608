-- Vacuums the queue at once. PostgreSQL's own daemon comes once a minute, and until then each claim steps over dead
-- entries.
VACUUM (TRUNCATE false) webhooks.change_queue, webhooks.claim, webhooks.doorbell
