-- Says whether writers are to ring. Only latency depends on it, so the commit need not wait for the disk.
WITH relaxed AS (
  SELECT set_config('synchronous_commit', 'off', true) AS commit
)
UPDATE webhooks.doorbell SET armed = CAST(:?armed AS boolean)
FROM relaxed
WHERE armed <> CAST(:?armed AS boolean) AND relaxed.commit = 'off'
