-- Reads the key that encrypts secrets from now on. Nobody can make another one current until the transaction that read
-- this one ends. Else a secret could be stored under the old key after all others were moved to the new one.
SELECT id FROM webhooks.secret_key FOR SHARE
