-- Frees the partitions of a claim before it ends: every delivery of its batch that keeps an order has been accepted, and only
-- others are under way.
UPDATE webhooks.partition SET held = false WHERE held AND claim = CAST(:?claim AS bigint)
