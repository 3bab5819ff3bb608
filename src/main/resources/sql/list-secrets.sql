-- Lists the stored secrets of all webhooks that are not deleted. An old one is listed only while it still signs.
SELECT id, secret, public_key, CASE WHEN previous_secret_until > now() THEN previous_secret ELSE '' END AS previous,
  headers::text AS headers
FROM webhooks.subscription
WHERE deleted_at IS NULL AND (secret <> '' OR previous_secret <> '' OR headers <> '{}')
ORDER BY id
