-- Makes those who add webhooks wait for each other, so that each sees what the others have added. It is the row that the
-- trigger of the table moves anyway, only sooner; who reads it does not wait.
SELECT revision FROM webhooks.subscription_revision FOR UPDATE
