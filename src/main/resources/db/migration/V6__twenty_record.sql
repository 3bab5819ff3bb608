-- Records of Twenty, as Twenty itself makes them for its webhooks. docs/capture.md says what they are.
--
-- A table of Twenty is a captured table whose settings name an object of core."objectMetadata": {"twenty": "<id>"}. The
-- fields of that object decide what the record is. They are read when the statements of the table are made, and never
-- otherwise. A version beside the table's shape says when they have changed.
--
-- Everything that names a table of Twenty's is dynamic SQL, so that it works in any other database, too. Nothing here trusts
-- the owners of these tables: columns are read only where their types come with PostgreSQL, or by their output functions.

-- The workspaces that are served, and how.
CREATE TABLE webhooks.twenty_workspace (
  workspace text PRIMARY KEY, -- the id of core.workspace
  schema text NOT NULL,
  cascades boolean NOT NULL DEFAULT true, -- whether a row that a foreign key deletes is an event
  search_vector boolean NOT NULL DEFAULT false, -- whether records have the search vector
  share_restricted boolean NOT NULL DEFAULT false, -- whether records are sent although Twenty shares them with some only
  installed_at timestamptz NOT NULL DEFAULT now(),
  shadow boolean NOT NULL DEFAULT true, -- whether its webhooks only record what they would send
  live_from timestamptz, -- what was committed before is not sent; null: while it is in shadow
  live_at_once boolean NOT NULL DEFAULT false, -- whether live_from is the moment when it was said, so that early_change is whole
  settled_to bigint NOT NULL DEFAULT 0, -- of all changes up to this one it is decided whether they are sent
  problem text -- why it is not served as it should be; null: it is
);

-- Changes of Twenty's metadata, written in Twenty's transaction. Rows are only added, so no lock is waited for. The sum of
-- the values is the version of what they are about: random values have different sums, whichever of them a snapshot shows.
CREATE TABLE webhooks.twenty_metadata_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  about uuid NOT NULL, -- an object, or the whole workspace
  workspace text NOT NULL,
  value numeric NOT NULL DEFAULT trunc(random() * 9007199254740992),
  created boolean NOT NULL DEFAULT false -- whether the object is new
);
CREATE INDEX twenty_metadata_change_about ON webhooks.twenty_metadata_change (about);

-- The users behind the members of a workspace. So capture reads no other table of the CRM than its own.
CREATE TABLE webhooks.twenty_member (
  workspace text NOT NULL,
  member uuid NOT NULL,
  user_id uuid,
  PRIMARY KEY (workspace, member)
);

-- The setting that changes the record makes all statements of the workspace anew.
CREATE FUNCTION webhooks.twenty_note_setting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO webhooks.twenty_metadata_change (about, workspace) VALUES (NEW.workspace::uuid, NEW.workspace);
  RETURN NULL;
END $$;

CREATE TRIGGER twenty_note_setting AFTER UPDATE ON webhooks.twenty_workspace
  FOR EACH ROW WHEN (NEW.search_vector <> OLD.search_vector)
  EXECUTE FUNCTION webhooks.twenty_note_setting();

-- The version of a workspace's metadata.
CREATE FUNCTION webhooks.twenty_version(workspace text) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(value), 0) FROM webhooks.twenty_metadata_change AS c WHERE c.workspace = twenty_version.workspace
$$;

-- Keeps one row for each version. A version that has a single row costs a captured statement the least.
CREATE FUNCTION webhooks.twenty_merge_versions() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_try_advisory_xact_lock('webhooks.twenty_metadata_change'::regclass::oid::integer, 0) THEN
    WITH many AS (
      SELECT about FROM webhooks.twenty_metadata_change GROUP BY about HAVING count(*) > 1
    ), merged AS (
      DELETE FROM webhooks.twenty_metadata_change AS c WHERE c.about IN (SELECT m.about FROM many AS m)
      RETURNING c.about, c.workspace, c.value
    )
    INSERT INTO webhooks.twenty_metadata_change (about, workspace, value)
    SELECT about, min(workspace), sum(value) FROM merged GROUP BY about;
  END IF;
END $$;

-- Twenty's own tables.

-- The name of one of them, for a query. It fails unless that is an ordinary table with these columns, whose types come with
-- PostgreSQL: a view or a type of somebody else's could run code of his.
CREATE FUNCTION webhooks.twenty_table(name text, VARIADIC columns text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  relation oid;
  missing text;
BEGIN
  SELECT c.oid INTO relation FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = 'core' AND c.relname = name AND c.relkind = 'r';
  IF relation IS NULL THEN
    RAISE EXCEPTION 'there is no table core.%', quote_ident(name) USING ERRCODE = 'undefined_table';
  END IF;
  SELECT i INTO missing FROM unnest(columns) AS i WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = relation AND attname = i AND attnum > 0 AND NOT attisdropped AND atttypid < 16384) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'core.% has no column % as it is known', quote_ident(name), quote_ident(missing)
      USING ERRCODE = 'undefined_column';
  END IF;
  RETURN format('core.%I', name);
END $$;

CREATE FUNCTION webhooks.twenty_has(name text, column_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = column_name AND NOT a.attisdropped
    WHERE n.nspname = 'core' AND c.relname = name AND c.relkind = 'r')
$$;

-- Which tables of metadata there are: none; 0.x: those of schema "metadata", which are not served; 1.x: fields and objects
-- know whether they are custom (until 2.11); 2.x: they belong to an application instead.
CREATE FUNCTION webhooks.twenty_generation() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN webhooks.twenty_has('objectMetadata', 'isCustom') THEN '1.x'
    WHEN webhooks.twenty_has('objectMetadata', 'id') THEN '2.x'
    WHEN EXISTS (
      SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'metadata' AND c.relname = 'objectMetadata') THEN '0.x'
    ELSE 'none'
  END
$$;

-- The id as Twenty writes it in the name of a schema.
CREATE FUNCTION webhooks.base36(id uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  rest numeric := 0;
  digits text := '';
BEGIN
  FOR i IN 1 .. 32 LOOP
    rest := rest * 16 + strpos('0123456789abcdef', substr(replace(id::text, '-', ''), i, 1)) - 1;
  END LOOP;
  LOOP
    digits := substr('0123456789abcdefghijklmnopqrstuvwxyz', mod(rest, 36)::integer + 1, 1) || digits;
    rest := div(rest, 36);
    EXIT WHEN rest = 0;
  END LOOP;
  RETURN digits;
END $$;

-- The workspaces of this Twenty. The schema is null where there is none.
CREATE FUNCTION webhooks.twenty_workspaces()
RETURNS TABLE (workspace text, name text, schema text, active boolean, record_sharing boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
  IF webhooks.twenty_generation() NOT IN ('1.x', '2.x') THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format($sql$
    SELECT w.id::text, concat(w."displayName"), s.nspname::text,
      w."deletedAt" IS NULL AND s.nspname IS NOT NULL AND %s, %s
    FROM %s AS w
    LEFT JOIN LATERAL (
      SELECT n.nspname FROM pg_namespace AS n
      JOIN (VALUES (1, %s), (2, %s), (3, 'workspace_' || webhooks.base36(w.id))) AS known (place, schema)
        ON n.nspname = known.schema
      ORDER BY known.place LIMIT 1
    ) AS s ON true
    ORDER BY w.id$sql$,
    CASE WHEN webhooks.twenty_has('workspace', 'activationStatus')
      THEN 'concat(w."activationStatus") = ''ACTIVE''' ELSE 'true' END,
    CASE WHEN webhooks.twenty_has('featureFlag', 'key') THEN format(
      'EXISTS (SELECT FROM %s AS f WHERE f."workspaceId" = w.id AND f.value AND concat(f.key) = ''IS_RECORD_SHARING_ENABLED'')',
      webhooks.twenty_table('featureFlag', 'workspaceId', 'value')) ELSE 'false' END,
    webhooks.twenty_table('workspace', 'id', 'displayName', 'deletedAt'),
    CASE WHEN webhooks.twenty_has('workspace', 'databaseSchema') THEN 'concat(w."databaseSchema")' ELSE '''''' END,
    CASE WHEN webhooks.twenty_has('dataSource', 'schema') THEN format(
      '(SELECT concat(d.schema) FROM %s AS d WHERE d."workspaceId" = w.id ORDER BY d."createdAt" DESC LIMIT 1)',
      webhooks.twenty_table('dataSource', 'workspaceId', 'createdAt')) ELSE '''''' END);
END $$;

-- The objects of a workspace with their tables. Twenty writes a table of an application's object, and of a custom one, with
-- an underscore before its name; the other name is taken where only that one exists. There are never events of
-- timelineActivity.
CREATE FUNCTION webhooks.twenty_objects(workspace text)
RETURNS TABLE (object_id uuid, object text, relation regclass, captured boolean, problem text, created_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
  in_schema text;
  custom_by CONSTANT text := CASE
    WHEN webhooks.twenty_has('objectMetadata', 'isCustom') THEN 'isCustom'
    WHEN webhooks.twenty_has('objectMetadata', 'applicationId') AND webhooks.twenty_has('application', 'id') THEN 'applicationId'
    ELSE 'id' END;
BEGIN
  SELECT w.schema INTO in_schema FROM webhooks.twenty_workspaces() AS w WHERE w.workspace = twenty_objects.workspace;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format($sql$
    SELECT o.id, o."nameSingular"::text, t.oid::regclass, t.oid IS NOT NULL AND 4 = (
        SELECT count(*) FROM pg_trigger AS g
        CROSS JOIN LATERAL (SELECT CASE WHEN webhooks.is_capture_function(g.tgfoid)
          THEN convert_from(substring(g.tgargs FROM 1 FOR length(g.tgargs) - 1), getdatabaseencoding())::json END) AS s (settings)
        WHERE g.tgrelid = t.oid AND g.tgenabled IN ('O', 'A') AND g.tgname LIKE 'webhooks\_capture\_%%' AND (
          g.tgfoid = 'webhooks.capture_begin'::regproc
          OR (settings ->> 'twenty', settings ->> 'workspace', settings ->> 'object') = (o.id::text, $1, o."nameSingular"::text)))
        AND (o."nameSingular" <> 'workspaceMember' OR EXISTS (
          SELECT FROM pg_trigger AS g
          WHERE g.tgrelid = t.oid AND g.tgfoid = 'webhooks.twenty_note_member'::regproc AND g.tgenabled IN ('O', 'A'))),
      CASE
        WHEN t.oid IS NULL THEN format('there is no table %%I in schema %%I', o."nameSingular", $2)
        WHEN t.relkind NOT IN ('r', 'p') THEN format('%%s is not a table', t.oid::regclass)
      END, o."createdAt"::timestamptz
    FROM %s AS o
    LEFT JOIN LATERAL (
      SELECT c.oid, c.relkind FROM pg_class AS c
      WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = $2)
        AND c.relname IN (o."nameSingular"::name, ('_' || o."nameSingular")::name) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
      ORDER BY (c.relname = ('_' || o."nameSingular")::name) = (%s) DESC LIMIT 1
    ) AS t ON true
    WHERE o."workspaceId" = $1::uuid AND o."nameSingular" <> 'timelineActivity'
    ORDER BY o."nameSingular" COLLATE "C"$sql$,
    webhooks.twenty_table('objectMetadata', 'id', 'workspaceId', 'nameSingular', 'createdAt', custom_by),
    CASE custom_by
      WHEN 'isCustom' THEN 'o."isCustom"'
      WHEN 'applicationId' THEN format('EXISTS (SELECT FROM %s AS a WHERE a.id = o."applicationId" '
        'AND a."universalIdentifier" <> ''20202020-64aa-4b6f-b003-9c74b97cee20'')',
        webhooks.twenty_table('application', 'id', 'universalIdentifier'))
      ELSE 'false'
    END)
  USING workspace, in_schema;
END $$;

-- From a field to its part of the record.

-- The types of fields that have columns. A type of one column has the key ''; the others are objects with these keys, in this
-- order, and the column of each is the name of the field with the key behind it. The kind says how a value is written.
CREATE FUNCTION webhooks.twenty_types() RETURNS TABLE (type text, place integer, key text, kind text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES
    ('UUID', 1, '', 'uuid'), ('TEXT', 1, '', 'text'), ('NUMBER', 1, '', 'number'), ('POSITION', 1, '', 'number'),
    ('NUMERIC', 1, '', 'decimal'), ('BOOLEAN', 1, '', 'boolean'), ('DATE', 1, '', 'date'), ('DATE_TIME', 1, '', 'time'),
    ('RATING', 1, '', 'label'), ('SELECT', 1, '', 'label'), ('MULTI_SELECT', 1, '', 'labels'), ('ARRAY', 1, '', 'texts'),
    ('RAW_JSON', 1, '', 'json'), ('FILES', 1, '', 'json'), ('TS_VECTOR', 1, '', 'vector'),
    ('RELATION', 1, '', 'uuid'), ('MORPH_RELATION', 1, '', 'uuid'),
    ('FULL_NAME', 1, 'firstName', 'text'), ('FULL_NAME', 2, 'lastName', 'text'),
    ('EMAILS', 1, 'primaryEmail', 'text'), ('EMAILS', 2, 'additionalEmails', 'list'),
    ('PHONES', 1, 'primaryPhoneNumber', 'text'), ('PHONES', 2, 'primaryPhoneCountryCode', 'text'),
    ('PHONES', 3, 'primaryPhoneCallingCode', 'text'), ('PHONES', 4, 'additionalPhones', 'list'),
    ('LINKS', 1, 'primaryLinkLabel', 'text'), ('LINKS', 2, 'primaryLinkUrl', 'text'), ('LINKS', 3, 'secondaryLinks', 'list'),
    ('CURRENCY', 1, 'amountMicros', 'whole number'), ('CURRENCY', 2, 'currencyCode', 'text or null'),
    ('ADDRESS', 1, 'addressStreet1', 'text'), ('ADDRESS', 2, 'addressStreet2', 'text'), ('ADDRESS', 3, 'addressCity', 'text'),
    ('ADDRESS', 4, 'addressPostcode', 'text'), ('ADDRESS', 5, 'addressState', 'text'), ('ADDRESS', 6, 'addressCountry', 'text'),
    ('ADDRESS', 7, 'addressLat', 'degrees'), ('ADDRESS', 8, 'addressLng', 'degrees'),
    ('ACTOR', 1, 'source', 'label'), ('ACTOR', 2, 'workspaceMemberId', 'uuid'), ('ACTOR', 3, 'name', 'text'),
    ('ACTOR', 4, 'context', 'json'),
    ('RICH_TEXT', 1, 'blocknote', 'text or null'), ('RICH_TEXT', 2, 'markdown', 'text')
$$;

-- A type for each object, because to_json takes the keys from it: webhooks.twenty_full_name and so on.
DO $$
DECLARE
  made text;
BEGIN
  FOR made IN
    SELECT format('CREATE TYPE webhooks.twenty_%s AS (%s)', lower(type), string_agg(format('%I %s', key, CASE kind
        WHEN 'uuid' THEN 'uuid' WHEN 'list' THEN 'jsonb' WHEN 'json' THEN 'jsonb'
        WHEN 'whole number' THEN 'json' WHEN 'degrees' THEN 'json' ELSE 'text' END), ', ' ORDER BY place))
    FROM webhooks.twenty_types() WHERE key <> '' GROUP BY type
  LOOP
    EXECUTE made;
  END LOOP;
END $$;

-- A number as JavaScript writes it; null for those that JSON has not. The digits come from PostgreSQL. It takes one more
-- than JavaScript where the shorter number lies as near to another double.
CREATE FUNCTION webhooks.js_number(value double precision) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  form CONSTANT text := '^(-?)([0-9])[.]?([0-9]*)e([-+][0-9]+)$';
  parts text[] := regexp_match(value::text, form);
  exponent integer := parts[4];
  shorter numeric;
  digits text;
BEGIN
  IF value IN ('NaN', 'Infinity', '-Infinity') THEN
    RETURN NULL;
  ELSIF value = 0 THEN
    RETURN '0';
  ELSIF parts IS NULL THEN
    RETURN value::text;
  END IF;
  IF exponent BETWEEN 15 AND 300 AND length(parts[3]) > 1 THEN
    shorter := round(concat(parts[2], '.', parts[3])::numeric, length(parts[3]) - 1);
    IF concat(parts[1], shorter, 'e', exponent)::double precision = value THEN
      exponent := exponent + (shorter = 10)::integer;
      parts[2] := left(shorter::text, 1);
      parts[3] := rtrim(split_part(shorter::text, '.', 2), '0');
    END IF;
  END IF;
  digits := parts[2] || parts[3];
  IF exponent BETWEEN 0 AND 20 THEN
    RETURN parts[1] || rtrim(rpad(left(digits, exponent + 1), exponent + 1, '0') || '.' || substr(digits, exponent + 2), '.');
  ELSIF exponent BETWEEN -6 AND -1 THEN
    RETURN parts[1] || '0.' || repeat('0', -exponent - 1) || digits;
  ELSE
    RETURN concat(parts[1], parts[2], '.' || nullif(parts[3], ''), 'e', CASE WHEN exponent > 0 THEN '+' END, exponent);
  END IF;
END $$;

CREATE FUNCTION webhooks.js_number(value numeric) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN CASE WHEN abs(value) < 1.797693134862315807e308 THEN webhooks.js_number(value::double precision) END;
END $$;

-- A time as JavaScript writes it, of any year; null where its Date ends.
CREATE FUNCTION webhooks.js_time(value timestamptz) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  utc CONSTANT timestamp := CASE WHEN isfinite(value) THEN value AT TIME ZONE 'UTC' END;
  year integer := extract(year FROM utc);
BEGIN
  IF abs(extract(epoch FROM value)) <= 8640000000000 THEN
    year := year + (year < 0)::integer; -- the year before 1 is 0
    RETURN CASE WHEN year BETWEEN 0 AND 9999 THEN lpad(year::text, 4, '0')
      ELSE CASE WHEN year < 0 THEN '-' ELSE '+' END || lpad(abs(year)::text, 6, '0') END
      || to_char(utc, '-MM-DD"T"HH24:MI:SS.MS"Z"');
  END IF;
  RETURN NULL;
END $$;

-- The SQL expressions for a value of this kind before and after, and whether they differ as they are written; null if the
-- type of the column is not one of the kind. They are made for speed: each part of an expression costs a statement more than
-- its evaluation, and PostgreSQL writes most numbers and times as JavaScript does.
CREATE FUNCTION webhooks.twenty_value(kind text, old text, new text, type oid, degrees_are_numbers boolean,
  OUT old_value text, OUT new_value text, OUT difference text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  is_text CONSTANT boolean := type IN ('text'::regtype, 'varchar'::regtype);
  distinct_stored CONSTANT text := '%s IS DISTINCT FROM %s';
  of_type record;
  written text;
BEGIN
  SELECT t.typtype, e.typtype AS element_type INTO of_type
  FROM pg_catalog.pg_type AS t LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A' WHERE t.oid = type;
  SELECT w, d INTO written, difference FROM (VALUES
    ('text', is_text, 'coalesce(%s, '''')', 'coalesce(%s, '''') COLLATE "C" <> coalesce(%s, '''')'),
    ('text or null', is_text, '%s', '%s COLLATE "C" IS DISTINCT FROM %s'),
    ('label', is_text, '%s', '%s COLLATE "C" IS DISTINCT FROM %s'),
    ('label', of_type.typtype = 'e', 'CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s) END',
      'concat(%s) COLLATE "C" <> concat(%s)'),
    ('labels', of_type.element_type = 'e', 'CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s)::text[] ELSE ''{}'' END',
      'ROW(coalesce(%s, ''{}''))::record *<> ROW(coalesce(%s, ''{}''))::record'),
    ('labels', type = 'text[]'::regtype, 'coalesce(%s, ''{}'')', 'coalesce(%s, ''{}'') COLLATE "C" <> coalesce(%s, ''{}'')'),
    ('texts', type = 'text[]'::regtype, 'coalesce(%s, ''{}'')', 'coalesce(%s, ''{}'') COLLATE "C" <> coalesce(%s, ''{}'')'),
    ('uuid', type = 'uuid'::regtype, '%s', distinct_stored),
    ('boolean', type = 'boolean'::regtype, '%s', distinct_stored),
    ('date', type = 'date'::regtype, '%s', distinct_stored),
    ('json', type = 'jsonb'::regtype, '%s', 'coalesce(%s, ''null'') <> coalesce(%s, ''null'')'),
    ('list', type = 'jsonb'::regtype, 'coalesce(nullif(%s, ''null''), ''[]'')',
      'coalesce(nullif(%s, ''null''), ''[]'') <> coalesce(nullif(%s, ''null''), ''[]'')'),
    ('decimal', type = 'numeric'::regtype, '%s::text', '%s::text COLLATE "C" IS DISTINCT FROM %s::text'),
    ('vector', type = 'tsvector'::regtype, '%s::text', 'false'),
    ('number', type IN ('smallint'::regtype, 'integer'::regtype), '%s', distinct_stored),
    ('number', type = 'double precision'::regtype,
      'CASE WHEN abs(%1$s) >= 0.0001::float8 AND abs(%1$s) < 1e15::float8 THEN to_json(%1$s) ELSE webhooks.js_number(%1$s) END',
      distinct_stored),
    ('whole number', type = 'numeric'::regtype,
      'CASE WHEN abs(%1$s) < 9007199254740992 THEN to_json(trunc(%1$s)) ELSE webhooks.js_number(trunc(%1$s)) END',
      'trunc(%s) IS DISTINCT FROM trunc(%s)'),
    ('degrees', type = 'numeric'::regtype AND degrees_are_numbers, 'webhooks.js_number(%s)', distinct_stored),
    ('degrees', type = 'numeric'::regtype AND NOT degrees_are_numbers, 'to_json(%s::text)',
      '%s::text COLLATE "C" IS DISTINCT FROM %s::text'),
    ('time', type = 'timestamptz'::regtype,
      'CASE WHEN %1$s >= ''0001-01-01Z'' AND %1$s < ''10000-01-01Z'' THEN to_char(%1$s, ''YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'') '
      'ELSE webhooks.js_time(%1$s) END',
      'date_trunc(''milliseconds'', %s) IS DISTINCT FROM date_trunc(''milliseconds'', %s)')
  ) AS known (k, fits, w, d) WHERE known.k = twenty_value.kind AND known.fits;
  old_value := format(written, old);
  new_value := format(written, new);
  difference := format(difference, old, new);
END $$;

-- The members of an object's record in their order, as SQL expressions of the row o before and n after. A field that the
-- table contradicts, or whose type is not known, leaves its columns as they are in other tables, with a problem in words.
-- Columns that no field claims are left out, and so is a relation to many, which has none. deltas says what stands in
-- updated_fields when the member has changed; null: it does not count. A column x beside x_old is being made anew by an edit
-- of its options, which Twenty does not take for an update.
CREATE FUNCTION webhooks.twenty_members(relation oid, object_id uuid, search_vector boolean)
RETURNS TABLE (place integer, field text, type text, columns text[], problem text, nth integer, key text, is_relation boolean,
  old_value text, new_value text, difference text, deltas text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  degrees_are_numbers CONSTANT boolean := webhooks.twenty_generation() = '2.x';
  attributes CONSTANT text[] := ARRAY(
    SELECT attname::text FROM pg_catalog.pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v' ORDER BY attnum);
  fields jsonb;
  f record;
  parts record;
  keys text[] := '{}';
  claimed text[] := '{}';
  odd jsonb := '[]'; -- fields whose columns stay as they are
  left_over record;
BEGIN
  EXECUTE format($sql$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'type', f.type, 'many', f.settings ->> 'relationType',
      'column', f.settings ->> 'joinColumnName') ORDER BY f."createdAt", f.ctid), '[]')
    FROM %s AS f WHERE f."objectMetadataId" = $1$sql$,
    webhooks.twenty_table('fieldMetadata', 'objectMetadataId', 'name', 'type', 'settings', 'createdAt'))
  INTO fields USING object_id;
  FOR f IN
    SELECT n::integer AS place, v ->> 'name' AS name, v ->> 'type' AS type, x.relational,
      CASE
        WHEN v ->> 'type' = 'RICH_TEXT_V2' THEN 'RICH_TEXT'
        WHEN v ->> 'type' = 'RICH_TEXT' AND v ->> 'name' = ANY (attributes) THEN 'TEXT'
        ELSE v ->> 'type'
      END AS effective,
      (CASE WHEN x.relational THEN coalesce(v ->> 'column', (v ->> 'name') || 'Id') ELSE v ->> 'name' END)::name::text AS base,
      v ->> 'many' AS many
    FROM jsonb_array_elements(fields) WITH ORDINALITY AS e (v, n)
    CROSS JOIN LATERAL (SELECT v ->> 'type' IN ('RELATION', 'MORPH_RELATION')) AS x (relational)
    ORDER BY n
  LOOP
    CONTINUE WHEN f.relational AND (f.many = 'ONE_TO_MANY' OR f.many IS NULL AND f.base <> ALL (attributes));
    place := f.place;
    field := f.name;
    type := f.type;
    is_relation := f.relational;
    SELECT array_agg(c.name ORDER BY t.place) AS wanted, bool_or(t.key <> '') AS composite,
      bool_and(a.attname IS NOT NULL) AS there, bool_and(v.new_value IS NOT NULL) AS fitting,
      string_agg(v.old_value, ', ' ORDER BY t.place) AS old, string_agg(v.new_value, ', ' ORDER BY t.place) AS new,
      string_agg(v.difference, ' OR ' ORDER BY t.place) AS difference
    INTO parts
    FROM webhooks.twenty_types() AS t
    CROSS JOIN LATERAL (SELECT (f.base || upper(left(t.key, 1)) || substr(t.key, 2))::name::text) AS c (name)
    LEFT JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = relation AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
    CROSS JOIN LATERAL webhooks.twenty_value(
      t.kind, format('o.%I', c.name), format('n.%I', c.name), a.atttypid, degrees_are_numbers) AS v
    WHERE t.type = f.effective;
    problem := CASE
      WHEN parts.wanted IS NULL THEN format('the type %s of the field %s is not known', f.type, f.name)
      WHEN NOT parts.there THEN format('the field %s of type %s has no column %s', f.name, f.type,
        (SELECT string_agg(w, ', ') FROM unnest(parts.wanted) AS w WHERE w <> ALL (attributes)))
      WHEN NOT parts.fitting THEN format('the field %s of type %s has another type of column', f.name, f.type)
    END;
    key := CASE WHEN f.relational THEN f.base ELSE f.name END;
    IF problem IS NULL AND key = ANY (keys) THEN
      problem := format('the field %s has the same key as another one', f.name);
      parts.wanted := NULL;
    END IF;
    IF problem IS NOT NULL THEN
      odd := odd || jsonb_build_object('place', place, 'field', field, 'type', type, 'problem', problem, 'wanted', parts.wanted);
      CONTINUE;
    END IF;
    keys := keys || key;
    columns := parts.wanted;
    claimed := claimed || columns;
    CONTINUE WHEN f.effective = 'TS_VECTOR' AND NOT search_vector;
    nth := coalesce(nth, 0) + 1;
    difference := parts.difference;
    old_value := CASE WHEN parts.composite
      THEN format('ROW(%s)::webhooks.twenty_%s', parts.old, lower(f.effective)) ELSE parts.old END;
    new_value := CASE WHEN parts.composite
      THEN format('ROW(%s)::webhooks.twenty_%s', parts.new, lower(f.effective)) ELSE parts.new END;
    deltas := CASE
      WHEN f.name = 'updatedAt' OR f.effective = 'TS_VECTOR'
        OR EXISTS (SELECT FROM unnest(columns) AS c WHERE c || '_old' = ANY (attributes)) THEN NULL
      WHEN f.relational THEN ARRAY[f.name, f.name || 'Id']
      ELSE ARRAY[f.name]
    END;
    RETURN NEXT;
  END LOOP;

  is_relation := false;
  FOR left_over IN
    SELECT v.place, v.field, v.type, v.problem, a.name, a.type AS attribute_type
    FROM jsonb_to_recordset(odd) AS v (place integer, field text, type text, problem text, wanted text[])
    LEFT JOIN LATERAL (
      SELECT attname::text AS name, atttypid AS type FROM pg_catalog.pg_attribute
      WHERE attrelid = relation AND attname = ANY (attributes) AND attname <> ALL (claimed)
        AND (attname = ANY (v.wanted) OR attname = v.field
          OR starts_with(attname, v.field) AND substr(attname, length(v.field) + 1, 1) COLLATE "C" ~ '[A-Z]')
      ORDER BY attnum) AS a ON true
  LOOP
    place := left_over.place;
    field := left_over.field;
    type := left_over.type;
    problem := left_over.problem;
    key := left_over.name;
    columns := array_remove(ARRAY[key], NULL);
    IF key IS NULL THEN
      SELECT NULL, NULL, NULL, NULL INTO old_value, new_value, difference, deltas;
      RETURN NEXT;
      CONTINUE;
    END IF;
    CONTINUE WHEN key = ANY (keys); -- it is that of another field
    keys := keys || key;
    nth := coalesce(nth, 0) + 1;
    old_value := webhooks.json_expression(format('o.%I', key), left_over.attribute_type);
    new_value := webhooks.json_expression(format('n.%I', key), left_over.attribute_type);
    difference := format('ROW(o.%1$I)::record *<> ROW(n.%1$I)::record', key);
    deltas := CASE WHEN key || '_old' = ANY (attributes) THEN NULL ELSE columns END;
    RETURN NEXT;
  END LOOP;
END $$;

-- The member's user as a part of an origin. A function, because a subquery would cost each statement, needed or not.
CREATE FUNCTION webhooks.twenty_user(workspace text, member uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT concat(',"userId":"', m.user_id, '"') FROM webhooks.twenty_member AS m
    WHERE m.workspace = twenty_user.workspace AND m.member = twenty_user.member AND m.user_id IS NOT NULL);
END $$;

-- The SQL expression for a change's origin: the object, and the member who did it where the row says so, with his user.
CREATE FUNCTION webhooks.twenty_origin(relation oid, settings json, source text, actor text, sources text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  object_only CONSTANT text := format('{"objectMetadataId":"%s"}', (settings ->> 'twenty')::uuid);
  known boolean := 2 = count(*) FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = relation AND NOT a.attisdropped
      AND (a.attname = actor || 'WorkspaceMemberId' AND t.oid = 'uuid'::regtype
        OR a.attname = actor || 'Source' AND (t.typtype = 'e' OR t.oid = 'text'::regtype));
BEGIN
  IF known IS NOT TRUE THEN
    RETURN format('%L::json', object_only);
  END IF;
  RETURN format('CASE WHEN %1$s IS NOT NULL AND concat(%2$s) = ANY (%3$L::text[]) '
      'THEN concat(%4$L, webhooks.twenty_user(%5$L, %1$s), '',"workspaceMemberId":"'', %1$s, ''"}'')::json ELSE %6$L::json END',
    format('%s.%I', source, actor || 'WorkspaceMemberId'), format('%s.%I', source, actor || 'Source'), sources,
    rtrim(object_only, '}'), settings ->> 'workspace', object_only);
END $$;

-- All that capture_statement needs to make the statements of one of Twenty's tables: the object's name now, the members of
-- the records, the list of updated fields, and the origins of what was created, updated and destroyed. All is null for any
-- other table, and where the metadata cannot be read: then a statement is captured as that of any CRM, with a problem in
-- words. It waits for a lock for less time than after which PostgreSQL looks for deadlocks, because Twenty must not be the
-- one that is picked then.
CREATE FUNCTION webhooks.twenty_rendering(relation oid, settings json,
  OUT object text, OUT old_record text, OUT new_record text, OUT fields text,
  OUT created_by text, OUT updated_by text, OUT origin text, OUT problem text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off SET lock_timeout = '250ms' AS $$
DECLARE
  object_id uuid;
  ignored CONSTANT text[] := ARRAY(SELECT json_array_elements_text(settings -> 'ignored'));
  search_vector boolean;
BEGIN
  IF settings ->> 'twenty' IS NULL THEN
    RETURN;
  END IF;
  object_id := settings ->> 'twenty';
  SELECT w.search_vector INTO search_vector FROM webhooks.twenty_workspace AS w WHERE w.workspace = settings ->> 'workspace';
  SELECT
    string_agg(m.old_value || ' AS ' || quote_ident(m.key), ', ' ORDER BY m.place, m.nth),
    string_agg(m.new_value || ' AS ' || quote_ident(m.key), ', ' ORDER BY m.place, m.nth),
    string_agg((
        SELECT string_agg(format('CASE WHEN %s THEN %L END', m.difference, d.delta), ', ' ORDER BY d.n)
        FROM unnest(m.deltas) WITH ORDINALITY AS d (delta, n)
      ), ', ' ORDER BY m.is_relation, m.place, m.nth) FILTER (WHERE NOT m.columns && ignored),
    string_agg(DISTINCT m.problem, '; ')
  INTO old_record, new_record, fields, problem
  FROM webhooks.twenty_members(relation, object_id, coalesce(search_vector, false)) AS m;
  IF new_record IS NULL THEN
    RAISE EXCEPTION 'there are no fields of the object %', object_id;
  END IF;
  fields := coalesce(fields, '');
  created_by := webhooks.twenty_origin(relation, settings, 'n', 'createdBy', '{MANUAL,IMPORT}');
  updated_by := webhooks.twenty_origin(relation, settings, 'n', 'updatedBy', '{MANUAL}');
  origin := webhooks.twenty_origin(relation, settings, NULL, NULL, NULL);
  EXECUTE format('SELECT o."nameSingular" FROM %s AS o WHERE o.id = $1',
    webhooks.twenty_table('objectMetadata', 'id', 'nameSingular')) INTO object USING object_id;
EXCEPTION
  WHEN OTHERS THEN
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL INTO object, old_record, new_record, fields, created_by, updated_by, origin;
    problem := SQLERRM;
END $$;

-- For whoever asks: each field with its columns, and the reason if it is sent as its columns are.
CREATE FUNCTION webhooks.twenty_fields(object_id uuid)
RETURNS TABLE (place integer, name text, type text, columns text[], problem text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
  RETURN QUERY
  SELECT m.place, m.field, m.type, array_agg(c.c ORDER BY m.nth, c.n) FILTER (WHERE c.c IS NOT NULL), min(m.problem)
  FROM webhooks.twenty_workspaces() AS w
  CROSS JOIN LATERAL webhooks.twenty_objects(w.workspace) AS o
  CROSS JOIN LATERAL webhooks.twenty_members(o.relation, o.object_id, true) AS m
  LEFT JOIN LATERAL unnest(m.columns) WITH ORDINALITY AS c (c, n) ON true
  WHERE o.object_id = twenty_fields.object_id
  GROUP BY m.place, m.field, m.type ORDER BY m.place;
END $$;
