-- What holds for the endpoint of a webhook over all processes. Written only when that changes, and once a probe; a webhook
-- that fares well has no row, or one that says nothing.
CREATE TABLE webhooks.endpoint (
  subscription_id uuid PRIMARY KEY,
  failing_since timestamptz,  -- no attempt has succeeded since then; null: it does not fail
  paused_until timestamptz,   -- when it has passed, one delivery is sent as a probe; null: it is not paused
  pauses integer NOT NULL DEFAULT 0, -- one after the other, so far
  reason text,                -- why the attempt failed that paused it
  CHECK (failing_since IS NOT NULL OR paused_until IS NULL)
) WITH (fillfactor = 50);

-- So that every process sees a pause and its end with its next claim. Not that a probe is under way, which moves
-- paused_until alone.
CREATE TRIGGER touch_subscription_revision AFTER INSERT OR DELETE OR UPDATE OF failing_since, pauses ON webhooks.endpoint
  FOR EACH ROW EXECUTE FUNCTION webhooks.touch_subscription_revision();

-- Whoever enables a webhook, even one that is enabled, or gives it another target, wants it tried now and afresh.
CREATE FUNCTION webhooks.forget_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.endpoint SET failing_since = NULL, paused_until = NULL, pauses = 0, reason = NULL
  WHERE subscription_id = NEW.id AND failing_since IS NOT NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER forget_failures AFTER UPDATE OF enabled, target_url ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.enabled) EXECUTE FUNCTION webhooks.forget_failures();
