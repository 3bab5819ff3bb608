-- Finds the newest deliveries of all webhooks: it walks the key, which begins with the change, backwards from the end of
-- the last page.
SELECT * FROM webhooks.delivery
WHERE id < CAST(:?below AS text) COLLATE "C"
  AND id >= 'msg_' || lpad(to_hex(CAST(:?first AS bigint)), 16, '0') COLLATE "C"
ORDER BY id DESC
LIMIT CAST(:?size AS integer)
