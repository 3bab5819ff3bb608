-- Ends the silence of a workspace; null: the one that is for all of them.
SELECT webhooks.unmute(CAST(:?workspace AS text)) AS unmuted
