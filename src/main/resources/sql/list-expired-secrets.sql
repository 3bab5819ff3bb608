-- The webhooks whose previous secret no longer signs. Asked first: an UPDATE that finds no row, too, tells all processes that
-- webhooks have changed.
SELECT id FROM webhooks.subscription WHERE previous_secret_until < now() FOR UPDATE SKIP LOCKED
