-- The workspaces of Twenty that are served; liveFrom: since when what is committed is sent, null in shadow.
SELECT workspace, live_from AS "liveFrom" FROM webhooks.twenty_workspace ORDER BY workspace
