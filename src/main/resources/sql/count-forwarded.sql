-- Counts the changes that went to Kafka and are not settled.
SELECT coalesce(sum(cardinality(changes)), 0) AS changes FROM webhooks.claim WHERE offsets IS NOT NULL
