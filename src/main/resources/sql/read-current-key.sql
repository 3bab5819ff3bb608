-- The key that secrets are stored under from now on. Nobody can make another one current until the transaction that has read this
-- one ends; else a secret could be stored under the old key after all others had been moved to the new one.
SELECT id FROM webhooks.secret_key FOR SHARE
