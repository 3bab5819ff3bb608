-- Counts the stored secrets, those of headers included, by their key; 'none' stands for plain text. (The same values as
-- HeaderValues.)
SELECT CASE WHEN starts_with(stored, :?prefix) THEN split_part(stored, '$', 3) ELSE 'none' END AS key, count(*) AS secrets
FROM (
  SELECT secret FROM webhooks.subscription UNION ALL SELECT previous_secret FROM webhooks.subscription
  UNION ALL SELECT h.value #>> '{}' FROM webhooks.subscription, jsonb_each(headers) h
    WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
) AS all_of_them(stored)
WHERE stored <> ''
GROUP BY 1
