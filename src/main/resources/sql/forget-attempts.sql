-- Forgets old attempts by the minute: they are for the last hours only.
DELETE FROM webhooks.attempt_minute WHERE minute < now() - interval '25 h'
