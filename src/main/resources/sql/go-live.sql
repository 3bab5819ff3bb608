-- Lets the webhooks of a workspace send what is committed since a time; null: from now on.
SELECT switched AS webhooks, released AS deliveries
FROM webhooks.twenty_live(CAST(:?workspace AS text), CAST(:?since AS timestamptz))
