-- Lets the webhooks of a workspace send what is committed since a time; null: from now on.
SELECT switched AS webhooks, released AS deliveries,
  (SELECT live_from FROM webhooks.twenty_workspace AS w WHERE w.workspace = CAST(:?workspace AS text)) AS "liveFrom"
FROM webhooks.twenty_live(CAST(:?workspace AS text), CAST(:?since AS timestamptz))
