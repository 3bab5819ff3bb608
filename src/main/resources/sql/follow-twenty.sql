-- Follows what the triggers on Twenty's tables could not do at once: objects, webhooks, record sharing, the shadow. It costs
-- next to nothing where no workspace of Twenty is installed.
SELECT workspace, what
FROM webhooks.twenty_follow(CAST(:?cascades AS boolean), CAST(:?searchVector AS boolean), CAST(:?shareRestricted AS boolean))
