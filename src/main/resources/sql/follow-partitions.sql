-- Captures partitions that came without an event trigger to notice it, and releases those that were detached. The rows
-- that came with them are left alone. Rows that were inserted through their parent since then are captured already.
SELECT webhooks.follow_partitions(false)
