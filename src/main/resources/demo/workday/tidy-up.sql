-- Keeps the demo small however long it runs: each table keeps its newest 200 rows, and rows in the trash go first.
WITH made AS (SELECT CAST(? AS jsonb)),
  person AS (DELETE FROM crm.person WHERE id IN
    (SELECT id FROM crm.person ORDER BY "deletedAt" IS NOT NULL, "createdAt" DESC OFFSET 200)),
  opportunity AS (DELETE FROM crm.opportunity WHERE id IN
    (SELECT id FROM crm.opportunity ORDER BY stage = 'CUSTOMER', "createdAt" DESC OFFSET 200)),
  note AS (DELETE FROM crm.note WHERE id IN (SELECT id FROM crm.note ORDER BY "createdAt" DESC OFFSET 200))
DELETE FROM crm.task WHERE id IN (SELECT id FROM crm.task ORDER BY status = 'DONE', "createdAt" DESC OFFSET 200)
