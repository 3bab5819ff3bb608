-- Silences a workspace; null: all of them.
SELECT webhooks.mute(CAST(:?why AS text), CAST(:?workspace AS text), CAST(:?until AS timestamptz))
