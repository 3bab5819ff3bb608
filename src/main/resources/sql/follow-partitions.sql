-- Captures partitions that came without an event trigger to notice it, and releases those that were detached. Rows that came with
-- them are left alone: those that were inserted through their parent since are captured already.
SELECT webhooks.follow_partitions(false)
