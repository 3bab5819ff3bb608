-- What the admin API needs beside the tables of the pipeline.

-- Tokens of the API. Only the SHA-256 of a token is kept: a token is 256 random bits, which no list of guesses holds, so
-- that a slow hash would add nothing but load. A token that is revoked stays here, so that one can see who had access.
CREATE TABLE webhooks.api_token (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('read', 'operate', 'admin')),
  workspace text, -- null: all workspaces
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz, -- to the minute
  revoked_at timestamptz
);
-- Names are told apart within a workspace only, so that nobody learns of the names in another one.
CREATE UNIQUE INDEX api_token_name ON webhooks.api_token (name, workspace) NULLS NOT DISTINCT WHERE revoked_at IS NULL;

-- The deliveries of one webhook, however many of others lie between. It is the one index that a delivered row pays for
-- besides its key: 1 to 3 us of PostgreSQL's 32 and 104 bytes of its log a row, measured with 3 and with 500 webhooks.
CREATE INDEX delivery_by_webhook ON webhooks.delivery (subscription_id, change_id);

-- What is pending, dead or cancelled, found and counted without reading what was delivered.
CREATE INDEX delivery_open ON webhooks.delivery (subscription_id, state, change_id) WHERE state <> 'delivered';

-- The changes of one record. Bloom filters of some hundred pages each: a lookup reads the few stretches of the log that
-- may have the record, and a new row costs next to nothing.
CREATE INDEX change_record ON webhooks.change USING brin (record_id text_bloom_ops) WITH (autosummarize = on);

-- Between which times the changes of each block of 1024 ids lie, as housekeeping notes it: where a time range is to be
-- looked for, without an index on the time.
CREATE TABLE webhooks.change_block (
  block bigint PRIMARY KEY, -- id >> 10
  earliest timestamptz NOT NULL,
  latest timestamptz NOT NULL
);

-- Attempts by the minute, for statistics. Each process counts its own in memory and adds them here every few seconds, so
-- that a delivery pays nothing; what a killed process had not added is missing here, and only here.
CREATE TABLE webhooks.attempt_minute (
  minute timestamptz NOT NULL,
  subscription_id uuid NOT NULL,
  delivered integer NOT NULL, -- attempts that the receiver accepted
  failed integer NOT NULL,    -- attempts that it did not, or that did not reach it ...
  dead integer NOT NULL,      -- ... and how many of these were the last of the schedule
  durations integer[] NOT NULL, -- how many attempts took how long, see DurationHistogram
  PRIMARY KEY (minute, subscription_id)
);
