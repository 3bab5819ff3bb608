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
CREATE UNIQUE INDEX api_token_name ON webhooks.api_token (name) WHERE revoked_at IS NULL;
