-- Which revision of the webhooks stands, for processes that have claimed nothing of late.
SELECT revision FROM webhooks.subscription_revision
