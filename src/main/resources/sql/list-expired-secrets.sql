-- Lists the webhooks whose previous secret no longer signs. It is asked first, since even an UPDATE without rows tells
-- all processes that webhooks have changed.
SELECT id FROM webhooks.subscription WHERE previous_secret_until < now() FOR UPDATE SKIP LOCKED
