-- Attempts by the minute are for the last hours only.
DELETE FROM webhooks.attempt_minute WHERE minute < now() - CAST(:?keep AS interval)
