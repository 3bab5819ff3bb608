-- Vacuums the queue at once. PostgreSQL's own daemon comes once a minute, and until then each claim steps over dead
-- entries. Afterwards each session plans its statements anew, so this is not done for a few.
VACUUM (TRUNCATE false) webhooks.change_queue, webhooks.claim, webhooks.partition, webhooks.doorbell
