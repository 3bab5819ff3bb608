-- Up to where the log is settled: whatever has such an id is committed, or never will be. Ids are given before the commit, so
-- a transaction may bring rows in where others have long been read. Housekeeping moves it on (note-times.sql).
CREATE TABLE webhooks.settled_log (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  settled_id bigint NOT NULL DEFAULT 0,
  next_id bigint NOT NULL DEFAULT 0, -- how far the log had come at a former run; it is settled, and no new change gets an id up to it
  transactions xid8                  -- when all before this one have ended; null: a later run looks which that is
);
INSERT INTO webhooks.settled_log DEFAULT VALUES;
