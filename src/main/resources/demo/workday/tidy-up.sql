-- Keeps the demo small however long it runs: each table keeps its newest 200 rows, and rows in the trash go first.
WITH made AS (SELECT CAST(? AS jsonb)),
  old_person AS (DELETE FROM person WHERE id IN
    (SELECT id FROM person ORDER BY "deletedAt" IS NOT NULL, "createdAt" DESC OFFSET 200)),
  old_opportunity AS (DELETE FROM opportunity WHERE id IN
    (SELECT id FROM opportunity ORDER BY stage = 'CUSTOMER', "createdAt" DESC OFFSET 200)),
  old_rocket AS (DELETE FROM _rocket WHERE id IN (SELECT id FROM _rocket ORDER BY "createdAt" DESC OFFSET 200)),
  old_note AS (DELETE FROM note WHERE id IN (SELECT id FROM note ORDER BY "createdAt" DESC OFFSET 200))
DELETE FROM task WHERE id IN (SELECT id FROM task ORDER BY status = 'DONE', "createdAt" DESC OFFSET 200)
