-- Takes the capture triggers off a table, or forgets a captured table that is gone. Says whether it was captured.
SELECT CASE WHEN webhooks.forget_capture(CAST(:?schema AS text), CAST(:?table AS text)) THEN true
  ELSE webhooks.release(CAST(format('%I.%I', CAST(:?schema AS text), CAST(:?table AS text)) AS regclass)) END AS changed
