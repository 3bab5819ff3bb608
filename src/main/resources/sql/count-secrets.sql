-- Counts the stored secrets by their key; 'none' stands for plain text.
SELECT CASE WHEN starts_with(stored, :?prefix) THEN split_part(stored, '$', 3) ELSE 'none' END AS key, count(*) AS secrets
FROM webhooks.subscription s, webhooks.stored_secrets(s.secret, s.previous_secret, s.headers, s.oauth2) AS stored
GROUP BY 1
