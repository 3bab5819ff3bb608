-- Secrets are stored encrypted, and may be followed by a new one without a gap. See docs/security.md.

-- secret and previous_secret hold $aes-256-gcm$<id of the key>$<base64>, or empty. Plain text may be written as well: it
-- is signed with at once, and encrypted within seconds by a running process.
ALTER TABLE webhooks.subscription
  ADD COLUMN previous_secret text NOT NULL DEFAULT '',     -- signs beside the other until ...
  ADD COLUMN previous_secret_until timestamptz,
  ADD COLUMN public_key text,                              -- of an encrypted secret that is an ed25519 key, to be shown
  ADD COLUMN signature_schemes text[] NOT NULL DEFAULT '{twenty,standard}'
    CHECK (signature_schemes <@ '{twenty,standard}' AND cardinality(signature_schemes) > 0),
  ADD CHECK ((previous_secret = '') = (previous_secret_until IS NULL));

-- Which key secrets are stored under from now on; the keys themselves never stand in the database. One row, so that all
-- processes agree: a process without this key, or a key that others do not have, is noticed before it does harm.
CREATE TABLE webhooks.secret_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id text NOT NULL, -- a fingerprint
  since timestamptz NOT NULL DEFAULT now()
);

-- The ids of the keys that a process has: a new key is made the current one only once every process has it.
ALTER TABLE webhooks.node ADD COLUMN secret_keys text[] NOT NULL DEFAULT '{}';
