-- An opportunity moves one stage on; the last stage is CUSTOMER.
UPDATE opportunity SET "updatedAt" = now(), stage = (CASE stage WHEN 'NEW' THEN 'SCREENING' WHEN 'SCREENING' THEN 'MEETING'
    WHEN 'MEETING' THEN 'PROPOSAL' ELSE 'CUSTOMER' END)::opportunity_stage_enum
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(draw text)
WHERE id = (SELECT id FROM opportunity WHERE "deletedAt" IS NULL AND stage <> 'CUSTOMER'
  ORDER BY md5(id::text || made.draw) LIMIT 1)
