-- How far the log had come at a time: what has an id up to last_id was written before noted_at. Housekeeping notes it, so that
-- retention counts from when a change was written without a column for it in every row. occurred_at will not do: whoever
-- writes a change may say that it was made long ago.
CREATE TABLE webhooks.log_mark (
  noted_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
  last_id bigint NOT NULL
);
