-- Removes deliveries that have arrived and stand in the topic of outcomes, with their attempts.
WITH arrived AS (
  DELETE FROM webhooks.delivery WHERE id = ANY (CAST(:?ids AS text[])) AND state = 'delivered'
  RETURNING id
)
DELETE FROM webhooks.attempt WHERE delivery_id IN (SELECT id FROM arrived)
