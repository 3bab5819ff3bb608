-- Adds to an account the deliveries that have arrived and are kept elsewhere, as bits: 8192 changes to a block.
UNION ALL
SELECT (a.block << 13) + bit, a.subscription_id, NULL, NULL, NULL, 1
FROM jsonb_to_recordset(CAST(:?arrived AS jsonb)) AS a(subscription_id uuid, block bigint, bits bytea)
CROSS JOIN generate_series(0, 8191) AS bit
WHERE get_bit(a.bits, bit) = 1
