-- How far the log had come at a time: what has an id up to last_id was written before noted_at. Housekeeping notes it once a
-- minute, so that retention and replays count from when a change was written or committed without a column for it in every
-- row. occurred_at will not do: whoever writes a change may say that it was made long ago, and may commit it much later.
CREATE TABLE webhooks.log_mark (
  noted_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
  last_id bigint NOT NULL,
  settled_id bigint -- what had an id up to this one was committed then, or never will be; null: not known
);
