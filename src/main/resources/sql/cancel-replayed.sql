-- Cancels the deliveries that a cancelled replay still owed: failed ones are dead as before, others are cancelled. A
-- delivery that is being sent right now may still arrive. The state is a subselect, so that no plan reads all that is pending.
UPDATE webhooks.delivery
SET state = CASE WHEN schedule_from IS NULL THEN 'cancelled' ELSE 'dead' END, due_at = NULL,
  error = CASE WHEN schedule_from IS NULL THEN 'its replay was cancelled' ELSE error END
WHERE replayed_by = CAST(:?id AS bigint) AND state = (SELECT 'pending')
