-- The trigger notifies on this channel while somebody waits, so that a change is claimed before the next poll.
LISTEN webhooks_change
