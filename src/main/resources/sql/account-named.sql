-- Adds to an account the changes of the fates that are to be looked at again, and which of them have no record any more.
, to_jsonb(array_agg(met.id) FILTER (WHERE fate = ANY (CAST(:?named AS text[])))) AS named_ids,
to_jsonb(array_agg(met.id) FILTER (WHERE removed AND fate = ANY (CAST(:?named AS text[])))) AS removed_ids
