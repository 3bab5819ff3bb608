-- How a webhook's requests are made: headers of its own, and who it is in TLS.

ALTER TABLE webhooks.subscription
  -- texts by their names; checked when saved and again when loaded
  ADD COLUMN headers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
  -- a subfolder of webhooks.egress.tls.folder, so that keys stay out of the database; null: the default one
  ADD COLUMN tls_identity text CHECK (tls_identity ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');
