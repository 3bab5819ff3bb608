-- Puts the webhooks of a workspace in shadow: what would be sent is recorded, and nothing is sent.
SELECT switched AS webhooks, cancelled AS deliveries FROM webhooks.twenty_shadow(CAST(:?workspace AS text))
