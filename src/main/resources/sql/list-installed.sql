-- The workspaces of Twenty that are served.
SELECT workspace FROM webhooks.twenty_workspace ORDER BY workspace
