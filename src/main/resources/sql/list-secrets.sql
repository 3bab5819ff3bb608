-- Lists the stored secrets of all webhooks that are not deleted. An old one is listed only while it still signs.
SELECT id, secret, public_key, CASE WHEN previous_secret_until > now() THEN previous_secret ELSE '' END AS previous,
  headers::text AS headers, oauth2::text AS oauth2
FROM webhooks.subscription s
WHERE deleted_at IS NULL AND EXISTS (SELECT FROM webhooks.stored_secrets(s.secret, s.previous_secret, s.headers, s.oauth2))
ORDER BY id
