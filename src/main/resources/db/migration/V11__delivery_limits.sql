-- How the deliveries of a webhook are tried, where that is not as the settings say for all. Written as in the settings.
ALTER TABLE webhooks.subscription
  -- delays after each failed attempt, such as 5s,5m,1h; empty: one attempt only; null: webhooks.delivery.retry-schedule
  ADD COLUMN retry_schedule text CHECK (retry_schedule ~ '^([0-9]{1,11}(ms|s|m|h|d)(,[0-9]{1,11}(ms|s|m|h|d)){0,49})?$'),
  -- total deadline of one attempt, such as 10s; null: webhooks.delivery.timeout
  ADD COLUMN timeout text CHECK (timeout ~ '^[0-9]{1,11}(ms|s|m|h|d)$');
