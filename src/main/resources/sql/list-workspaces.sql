-- The workspaces of Twenty, and how each is served. Those that Twenty has deleted are left out.
SELECT t.workspace, t.name, t.schema, t.active, t.record_sharing AS "recordSharing", w.workspace IS NOT NULL AS installed,
  w.shadow, w.live_from AS "liveFrom", w.problem,
  (SELECT m.why FROM webhooks.muted AS m
   WHERE (m.workspace IS NULL OR m.workspace = t.workspace) AND (m.until IS NULL OR m.until > now())
   ORDER BY m.workspace LIMIT 1) AS muted
FROM webhooks.twenty_workspaces() AS t LEFT JOIN webhooks.twenty_workspace AS w USING (workspace)
WHERE t.active OR w.workspace IS NOT NULL
ORDER BY t.workspace
