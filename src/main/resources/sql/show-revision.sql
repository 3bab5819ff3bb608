-- Shows the revision of the webhooks, for processes that have claimed nothing of late.
SELECT revision FROM webhooks.subscription_revision
