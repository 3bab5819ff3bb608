-- How values of any size, time and encoding leave the database: what is shown is bounded, what is sent can be read, and no
-- statement that reads many rows fails on one of them.

-- Whether a text can be converted to UTF-8. Some databases take bytes that cannot: all of SQL_ASCII, a few of WIN1252.
CREATE FUNCTION webhooks.is_text(value text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM convert_to(value, 'UTF8');
  RETURN true;
EXCEPTION
  WHEN OTHERS THEN
    RETURN false;
END $$;

-- A text as it is shown: its beginning, followed by ... where it is longer. One that cannot be converted is shown with its
-- bytes written out. (Plain SQL, as those below, so that it costs nothing where the database is in UTF8.)
CREATE FUNCTION webhooks.shown(value text, most integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN getdatabaseencoding() = 'UTF8' OR webhooks.is_text(left(value, most)) THEN left(value, most)
    ELSE encode(convert_to(left(value, most), getdatabaseencoding()), 'escape')
  END || CASE WHEN length(value) > most THEN '...' ELSE '' END
$$;

-- Names of fields as they are shown: one list of texts, whatever array they stand in.
CREATE FUNCTION webhooks.shown_fields(fields text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN octet_length(array_to_string(fields, ',')) > 10000 THEN ARRAY[webhooks.shown(array_to_string(fields, ', '), 2000)]
    WHEN fields IS NOT NULL THEN ARRAY(SELECT webhooks.shown(coalesce(field, 'NULL'), 2000) FROM unnest(fields) AS field)
  END
$$;

-- Why a change cannot be read by a process, in words; null: it can. Give it no record that is too large to be read.
CREATE FUNCTION webhooks.flaw(workspace text, event text, record_id text, updated_fields text[], record json) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN octet_length(workspace) + coalesce(octet_length(event), 0) + coalesce(octet_length(record_id), 0)
        + coalesce(octet_length(array_to_string(updated_fields, '')), 0) > 200000
      THEN 'workspace, event, record_id and updated_fields are longer than 200000 bytes'
    WHEN getdatabaseencoding() <> 'UTF8'
        AND NOT webhooks.is_text(concat(workspace, event, record_id, array_to_string(updated_fields, ''), record::text))
      THEN 'it has bytes that are no text in the encoding of the database, ' || getdatabaseencoding()
  END
$$;

-- How long ago a time was. Those before 1000 years ago, and those more than 100 years ahead, count as these.
CREATE FUNCTION webhooks.age_of(moment timestamptz) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT now() - least(greatest(moment, now() - interval '1000 years'), now() + interval '100 years')
$$;
