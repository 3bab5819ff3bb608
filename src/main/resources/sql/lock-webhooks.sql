-- Makes requests that add webhooks wait for each other, so that each sees the ones that the others have added. The
-- trigger of the table moves this row anyway, only later. Readers of the row do not wait.
SELECT revision FROM webhooks.subscription_revision FOR UPDATE
