-- Since when a process has not missed five beats; one that has just joined has missed none. After an outage of the database
-- all have, and none of them is dead.
ALTER TABLE webhooks.node ADD COLUMN beating_since timestamptz NOT NULL DEFAULT '-infinity';
