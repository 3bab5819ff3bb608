-- Waits for processes that store secrets, and keeps others from reading or setting the current key meanwhile.
LOCK TABLE webhooks.secret_key IN EXCLUSIVE MODE
