-- Which Twenty is in this database, and as whom it is asked.
SELECT webhooks.twenty_generation() AS generation, current_user AS role
