-- How a row becomes a change. These functions make it as SQL text, for a table as it is in the catalog now; capture runs
-- that text when the CRM writes. docs/capture.md says what is captured and why.
--
-- The text runs with the rights of this schema's owner, on tables whose owners may have less. So it never looks up an
-- operator, a cast or a function that such an owner could have defined. It compares keys as text and values by their stored
-- bytes. A type that does not come with PostgreSQL is written by its output function.

-- created_at -> createdAt. An underscore before a-z or 0-9 goes; leading and trailing ones stay, and so does a name that
-- has an upper-case letter already. PL/pgSQL, because a function in SQL would be planned at each call.
CREATE FUNCTION webhooks.camel_case(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  camel text := '';
  part text;
BEGIN
  IF strpos(name, '_') = 0 OR name COLLATE "C" ~ '[A-Z]' THEN
    RETURN name;
  END IF;
  FOREACH part IN ARRAY regexp_split_to_array(ltrim(name, '_'), '_+(?=[a-z0-9])') LOOP
    camel := camel || CASE camel WHEN '' THEN part ELSE upper(left(part, 1) COLLATE "C") || substr(part, 2) END;
  END LOOP;
  RETURN left(name, length(name) - length(ltrim(name, '_'))) || camel;
END $$;

-- The columns of a table or composite type with the key of each in the record. If two columns would get the same key, both
-- keep their own names, so that nothing is overwritten. Virtual generated columns have no value inside a trigger.
CREATE FUNCTION webhooks.record_columns(relation oid)
RETURNS TABLE (ordinal integer, name text, key text, type oid) LANGUAGE sql STABLE AS $$
  SELECT attnum, attname, CASE count(*) OVER (PARTITION BY camel) WHEN 1 THEN camel ELSE attname END, atttypid
  FROM pg_catalog.pg_attribute, webhooks.camel_case(attname) AS camel
  WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$$;

CREATE FUNCTION webhooks.base_type(type oid) RETURNS oid LANGUAGE plpgsql STABLE AS $$
DECLARE
  base oid := type;
  below oid;
BEGIN
  LOOP
    SELECT typbasetype INTO below FROM pg_catalog.pg_type WHERE oid = base;
    EXIT WHEN coalesce(below, 0) = 0;
    base := below;
  END LOOP;
  RETURN base;
END $$;

-- The SQL expression for to_json in place of a value of this type. The session is in UTC (see capture_changes), where a
-- timestamptz ends in +00:00 in to_json and in +00 in text, and nothing else in it does.
CREATE FUNCTION webhooks.json_expression(value text, type oid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  own CONSTANT oid := 16384; -- types below come with PostgreSQL
  base oid := webhooks.base_type(type);
  element oid;
  of_base record;
  fields text;
BEGIN
  SELECT typtype, typcategory, typdelim, typrelid, typelem INTO of_base FROM pg_catalog.pg_type WHERE oid = base;
  element := CASE of_base.typcategory WHEN 'A' THEN webhooks.base_type(of_base.typelem) ELSE base END;
  IF of_base.typtype = 'c' THEN
    SELECT string_agg(format('%s AS %I', webhooks.json_expression(format('(%s).%I', value, c.name), c.type), c.key),
      ', ' ORDER BY c.ordinal)
    INTO fields FROM webhooks.record_columns(of_base.typrelid) AS c;
    RETURN format('CASE WHEN %s IS DISTINCT FROM NULL THEN (SELECT to_json(c.*) FROM (SELECT %s) AS c) END', value, fields);
  ELSIF element = 'timestamptz'::regtype THEN
    RETURN format('replace(to_json(%s)::text, ''+00:00'', ''Z'')::json', value);
  ELSIF element IN ('tstzrange'::regtype, 'tstzmultirange'::regtype) THEN
    RETURN format('regexp_replace(to_json(%s)::text, '' ([0-9:.]+)[+]00'', ''T\1Z'', ''g'')::json', value);
  ELSIF element < own AND NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = element AND typtype = 'c') THEN
    RETURN value;
  ELSIF of_base.typcategory = 'A' AND of_base.typdelim = ',' THEN
    RETURN format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s)::text[] END', value);
  ELSE
    RETURN format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s) END', value);
  END IF;
END $$;

-- The SQL expression for the record_id of a row: the primary key as text, or a JSON array of texts if it has several
-- columns. If the primary key was dropped after capture, all columns take its place. Updates then come as a deletion and a
-- creation, but none is lost.
CREATE FUNCTION webhooks.key_expression(relation oid, source text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  key text[];
BEGIN
  SELECT array_agg(format('concat(%s.%I)', source, a.attname) ORDER BY k.i) INTO key
  FROM pg_catalog.pg_index AS x, unnest(x.indkey) WITH ORDINALITY AS k (attnum, i), pg_catalog.pg_attribute AS a
  WHERE x.indrelid = relation AND x.indisprimary AND k.i <= x.indnkeyatts AND a.attrelid = relation AND a.attnum = k.attnum;
  IF key IS NULL THEN
    key := ARRAY(SELECT format('concat(%s.%I)', source, name) FROM webhooks.record_columns(relation) ORDER BY ordinal);
  END IF;
  RETURN CASE cardinality(key) WHEN 1 THEN key[1] ELSE 'to_json(ARRAY[' || array_to_string(key, ', ') || '])::text' END
    || ' COLLATE "C"';
END $$;

-- The SQL expressions for the members of a row's record. The search vector is left out.
CREATE FUNCTION webhooks.record_values(relation oid, source text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(format('%s AS %I', webhooks.json_expression(format('%s.%I', source, name), type), key), ', ' ORDER BY ordinal)
  FROM webhooks.record_columns(relation)
  WHERE name NOT IN ('searchVector', 'search_vector')
$$;

-- The SQL condition that a transition table holds several versions of a row. Foreign keys that PostgreSQL follows (ON DELETE
-- SET NULL, say) change a row once each, and all effects of one statement on a table are shown as one. It needs at least two
-- rows.
CREATE FUNCTION webhooks.several_versions(relation oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format($sql$EXISTS (
      SELECT FROM pg_catalog.pg_constraint
      WHERE conrelid = %1$s AND contype = 'f' AND (confupdtype NOT IN ('a', 'r') OR confdeltype NOT IN ('a', 'r')))
    AND EXISTS (
      SELECT FROM (SELECT 'old', %2$s FROM old_rows AS t UNION ALL SELECT 'new', %2$s FROM new_rows AS t) AS v (side, key)
      GROUP BY side, key HAVING count(*) > 1)$sql$, relation, webhooks.key_expression(relation, 't'))
$$;

-- A transition table without the versions between the first and the last of a row. They stand in both tables, as one
-- change's new and the next one's old. If a row still has several, a statement inside this one has changed it in between,
-- and the first old and the last new one count.
CREATE FUNCTION webhooks.net_rows(relation oid, source text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format($sql$(
    SELECT (net.version).* FROM (
      SELECT DISTINCT ON (key) version FROM (
        SELECT *, row_number() OVER (PARTITION BY image ORDER BY place) AS nth FROM (
          SELECT %1$s AS key, (t.*)::%2$s AS version, concat(t.*) AS image, row_number() OVER () AS place FROM %3$s AS t) AS v
      ) AS one
      WHERE NOT EXISTS (
        SELECT FROM (
          SELECT image, row_number() OVER (PARTITION BY image) AS nth FROM (SELECT concat(t.*) AS image FROM %4$s AS t) AS v
        ) AS other
        WHERE other.image = one.image AND other.nth = one.nth)
      ORDER BY key, place %5$s) AS net)$sql$,
    webhooks.key_expression(relation, 't'), relation::regclass, source,
    CASE source WHEN 'old_rows' THEN 'new_rows' ELSE 'old_rows' END, CASE source WHEN 'new_rows' THEN 'DESC' END)
$$;

-- The statement that writes the changes of one CRM statement. It reads old_source and new_source: transition tables, or one
-- row each. without_record leaves out all parts that could fail on a value. Of a table of Twenty, the records and all that
-- depends on the meaning of its columns come from twenty_rendering.
CREATE FUNCTION webhooks.capture_statement(
  relation oid, operation text, settings json, old_source text, new_source text, without_record boolean)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  key CONSTANT text := webhooks.key_expression(relation, 't');
  key_name text;
  ignored CONSTANT text[] := '{searchVector,search_vector,updatedAt,updated_at}'::text[]
    || ARRAY(SELECT json_array_elements_text(settings -> 'ignored'));
  soft_delete text;
  twenty record;
  old_record text := 'NULL';
  new_record text := 'NULL';
  old_values text;
  new_values text;
  fields text;
  difference text;
  destroyed text;
  before_json CONSTANT text := CASE WHEN without_record THEN 'NULL::json' ELSE 'to_json(before.*)' END;
  after_json CONSTANT text := CASE WHEN without_record THEN 'NULL::json' ELSE 'to_json(after.*)' END;
BEGIN
  twenty := webhooks.twenty_rendering(relation, settings);
  IF NOT without_record THEN
    old_record := coalesce(twenty.old_record, webhooks.record_values(relation, 'o'));
    new_record := coalesce(twenty.new_record, webhooks.record_values(relation, 'n'));
  END IF;
  SELECT c.name INTO soft_delete FROM webhooks.record_columns(relation) AS c
  WHERE c.name IN ('deleted_at', 'deletedAt') ORDER BY c.ordinal LIMIT 1;
  SELECT 'key' || i INTO key_name FROM generate_series(1, 2000) AS i -- a table has at most 1600 columns
  WHERE 'key' || i NOT IN (SELECT c.name FROM webhooks.record_columns(relation) AS c) LIMIT 1;
  destroyed := CASE WHEN soft_delete IS NULL THEN 'deleted' ELSE 'destroyed' END;

  SELECT
    string_agg(format('o.%I', c.name), ', ' ORDER BY c.ordinal) FILTER (WHERE observed),
    string_agg(format('n.%I', c.name), ', ' ORDER BY c.ordinal) FILTER (WHERE observed),
    string_agg(format('CASE WHEN ROW(o.%1$I)::record *<> ROW(n.%1$I)::record THEN %2$L END', c.name, c.key), ', '
      ORDER BY c.ordinal) FILTER (WHERE observed)
  INTO old_values, new_values, fields
  FROM webhooks.record_columns(relation) AS c,
    LATERAL (SELECT c.name <> ALL (ignored) OR c.name = soft_delete) AS x (observed);
  difference := format('ROW(%s)::record *<> ROW(%s)::record', old_values, new_values);
  fields := CASE WHEN without_record THEN 'NULL' ELSE coalesce(twenty.fields, fields) END;
  IF twenty.object IS NOT NULL AND NOT without_record THEN
    difference := 'cardinality(f.fields) > 0';
  END IF;

  RETURN format('INSERT INTO webhooks.change (workspace, event, record_id, record, updated_fields, origin) SELECT %L, %L || ',
      settings ->> 'workspace', coalesce(twenty.object, settings ->> 'object') || '.')
    || CASE operation
      WHEN 'INSERT' THEN format($sql$
        'created', %s, %s, NULL, %s
        FROM %s AS n
        CROSS JOIN LATERAL (SELECT %s) AS after$sql$,
        webhooks.key_expression(relation, 'n'), after_json, coalesce(twenty.created_by, 'NULL::json'), new_source, new_record)
      WHEN 'DELETE' THEN format($sql$
        %L, %s, %s, NULL, %s
        FROM %s AS o
        CROSS JOIN LATERAL (SELECT %s) AS before$sql$,
        destroyed, webhooks.key_expression(relation, 'o'), before_json, coalesce(twenty.origin, 'NULL::json'), old_source, old_record)
      ELSE format($sql$
        a.action, coalesce(n.%1$I, o.%1$I),
        CASE WHEN n.%1$I IS NULL THEN %2$s ELSE %3$s END,
        CASE a.action WHEN 'updated' THEN f.fields %4$s END,
        %13$s
        FROM (SELECT %5$s AS %1$I, t.* FROM %6$s AS t) AS o
        FULL JOIN (SELECT %5$s AS %1$I, t.* FROM %7$s AS t) AS n ON o.%1$I = n.%1$I
        CROSS JOIN LATERAL (SELECT CASE
          WHEN o.%1$I IS NULL THEN 'created'
          WHEN n.%1$I IS NULL THEN %8$L
          WHEN %9$s THEN 'deleted'
          WHEN %10$s THEN 'restored'
          ELSE 'updated' END) AS a (action)
        CROSS JOIN LATERAL (SELECT array_remove(ARRAY[%14$s]::text[], NULL) %15$s) AS f (fields)
        CROSS JOIN LATERAL (SELECT %11$s) AS before
        CROSS JOIN LATERAL (SELECT %12$s) AS after
        WHERE a.action <> 'updated' OR %16$s$sql$,
        key_name, before_json, after_json,
        CASE WHEN twenty.object IS NOT NULL THEN 'WHEN ''deleted'' THEN ''{deletedAt}'' WHEN ''restored'' THEN ''{deletedAt}''' END,
        key, old_source, new_source, destroyed,
        coalesce('o.' || quote_ident(soft_delete) || ' IS NULL AND n.' || quote_ident(soft_delete) || ' IS NOT NULL', 'false'),
        coalesce('o.' || quote_ident(soft_delete) || ' IS NOT NULL AND n.' || quote_ident(soft_delete) || ' IS NULL', 'false'),
        old_record, new_record,
        coalesce(twenty.updated_by, 'NULL::json'), fields,
        CASE WHEN twenty.object IS NOT NULL THEN 'OFFSET 0' END /* it is read twice */, difference)
    END;
END $$;
