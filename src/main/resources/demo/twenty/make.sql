-- Makes workspaces, objects, fields and webhooks as Twenty makes them: the rows of metadata, then the table, its enum
-- types and its columns. An object is given by the list of its fields, each as 'name TYPE [argument] [=default]'. The
-- argument is the options of a select ('NEW,DONE'), or the target of a relation. Ids follow from names, so they are the
-- same in each database.

CREATE FUNCTION sample_twenty.id(VARIADIC parts text[]) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT CAST(overlay(overlay(md5(array_to_string(parts, '/')) PLACING '4' FROM 13) PLACING '8' FROM 17) AS uuid)
$$;

CREATE FUNCTION sample_twenty.computed_schema(workspace uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  value numeric := 0;
  text text := '';
  digit text;
BEGIN
  FOREACH digit IN ARRAY string_to_array(replace(CAST(workspace AS text), '-', ''), NULL) LOOP
    value := value * 16 + strpos('0123456789abcdef', digit) - 1;
  END LOOP;
  WHILE value > 0 LOOP
    text := substr('0123456789abcdefghijklmnopqrstuvwxyz', CAST(value % 36 AS integer) + 1, 1) || text;
    value := div(value, 36);
  END LOOP;
  RETURN 'workspace_' || text;
END $$;

CREATE FUNCTION sample_twenty.schema_of(p_workspace uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT nullif("databaseSchema", '') FROM core.workspace WHERE id = p_workspace),
    (SELECT schema FROM core."dataSource" WHERE "workspaceId" = p_workspace),
    sample_twenty.computed_schema(p_workspace))
$$;

-- p_schema: null records the computed name, '' records none, so that it has to be computed; else it is the name.
CREATE FUNCTION sample_twenty.add_workspace(p_workspace uuid, p_name text, p_schema text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  schema_name text := coalesce(p_schema, sample_twenty.computed_schema(p_workspace));
BEGIN
  INSERT INTO core.workspace (id, "displayName", subdomain, "activationStatus", "databaseSchema")
  VALUES (p_workspace, p_name, lower(p_name), 'ACTIVE',
    CASE sample_twenty.generation() WHEN '1.x' THEN '' ELSE schema_name END);
  IF sample_twenty.generation() = '1.x' THEN
    INSERT INTO core."dataSource" (id, schema, "workspaceId")
    VALUES (sample_twenty.id('data source', CAST(p_workspace AS text)), nullif(schema_name, ''), p_workspace);
  ELSE
    INSERT INTO core.application (id, "universalIdentifier", name, "workspaceId")
    SELECT sample_twenty.id(kind, CAST(p_workspace AS text)),
      CASE kind WHEN 'standard' THEN '20202020-64aa-4b6f-b003-9c74b97cee20'
        ELSE sample_twenty.id('application', kind, CAST(p_workspace AS text)) END, name, p_workspace
    FROM (VALUES ('standard', 'Twenty standard'), ('custom', p_name || ' custom'), ('app', 'Surveys')) AS made(kind, name);
  END IF;
  EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', sample_twenty.schema_of(p_workspace));
END $$;

-- The parts of a composite field and the types of their columns.
CREATE FUNCTION sample_twenty.parts(type text) RETURNS TABLE (part text, column_type text) LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part(entry, ' ', 1), split_part(entry, ' ', 2)
  FROM unnest(string_to_array(CASE type
    WHEN 'FULL_NAME' THEN 'FirstName text,LastName text'
    WHEN 'EMAILS' THEN 'PrimaryEmail text,AdditionalEmails jsonb'
    WHEN 'PHONES' THEN
      'PrimaryPhoneNumber text,PrimaryPhoneCountryCode text,PrimaryPhoneCallingCode text,AdditionalPhones jsonb'
    WHEN 'LINKS' THEN 'PrimaryLinkLabel text,PrimaryLinkUrl text,SecondaryLinks jsonb'
    WHEN 'CURRENCY' THEN 'AmountMicros numeric,CurrencyCode text'
    WHEN 'ADDRESS' THEN 'AddressStreet1 text,AddressStreet2 text,AddressCity text,AddressPostcode text,'
      || 'AddressState text,AddressCountry text,AddressLat numeric,AddressLng numeric'
    WHEN 'ACTOR' THEN 'Source enum,WorkspaceMemberId uuid,Name text,Context jsonb'
    WHEN 'RICH_TEXT' THEN 'Blocknote text,Markdown text'
    WHEN 'RICH_TEXT_V2' THEN 'Blocknote text,Markdown text'
  END, ',')) AS entry
$$;

CREATE FUNCTION sample_twenty.table_of(p_workspace uuid, object text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT relname FROM pg_class
  WHERE relnamespace = to_regnamespace(quote_ident(sample_twenty.schema_of(p_workspace)))
    AND relname IN (object, '_' || object) AND relkind = 'r'
$$;

-- The columns that rows of core tables have in common. Keys that a generation has no column for are left out by its table.
CREATE FUNCTION sample_twenty.row(p_workspace uuid, p_id uuid, more jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_id, 'workspaceId', p_workspace, 'createdAt', now(), 'updatedAt', now(),
    'universalIdentifier', p_id, 'isActive', true, 'isSystem', false, 'isCustom', false, 'isUIEditable', true) || more
$$;

-- A field: its row of metadata and its columns. Returns the id of the row.
CREATE FUNCTION sample_twenty.add_field(p_workspace uuid, p_object text, spec text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  workspace_text text := CAST(p_workspace AS text);
  schema_name text := sample_twenty.schema_of(p_workspace);
  table_name text := sample_twenty.table_of(p_workspace, p_object);
  object core."objectMetadata" :=
    (SELECT o FROM core."objectMetadata" o WHERE "workspaceId" = p_workspace AND "nameSingular" = p_object);
  words text[] := string_to_array(spec, ' ');
  name text := words[1];
  field_type text := CASE WHEN words[2] = 'RELATION_OF' THEN 'RELATION'
    WHEN words[2] = 'RICH_TEXT' AND sample_twenty.generation() = '1.x' THEN 'RICH_TEXT_V2' ELSE words[2] END;
  argument text := words[3];
  fallback text := substring(spec FROM ' =(.*)$');
  column_type text;
  part record;
  field uuid := sample_twenty.id('field', workspace_text, p_object, name);
  target text;
BEGIN
  IF argument LIKE '=%' THEN
    argument := NULL;
  END IF;
  INSERT INTO core."fieldMetadata" SELECT (jsonb_populate_record(NULL::core."fieldMetadata", sample_twenty.row(
    p_workspace, field, jsonb_build_object(
      'applicationId', to_jsonb(object)->'applicationId', 'objectMetadataId', object.id, 'type', field_type,
      'name', name, 'label', initcap(name), 'isNullable', fallback IS NULL, 'isUnique', false,
      'options', CASE WHEN field_type IN ('SELECT', 'MULTI_SELECT', 'RATING') THEN
        (SELECT jsonb_agg(jsonb_build_object('value', value, 'label', initcap(value), 'position', place - 1))
         FROM unnest(string_to_array(argument, ',')) WITH ORDINALITY AS option(value, place)) END,
      'settings', CASE WHEN words[2] = 'RELATION_OF' THEN jsonb_build_object('relationType', 'ONE_TO_MANY')
        WHEN field_type IN ('RELATION', 'MORPH_RELATION') THEN jsonb_build_object('relationType', 'MANY_TO_ONE',
          'joinColumnName', name || 'Id', 'onDelete', coalesce(words[4], 'SET_NULL')) END,
      'relationTargetObjectMetadataId', CASE WHEN field_type IN ('RELATION', 'MORPH_RELATION')
        THEN sample_twenty.id('object', workspace_text, argument) END,
      'morphId', CASE WHEN field_type = 'MORPH_RELATION' THEN sample_twenty.id('morph', workspace_text, p_object) END
    )))).*;
  IF words[2] = 'RELATION_OF' THEN
    RETURN field;
  END IF;
  IF field_type IN ('RELATION', 'MORPH_RELATION') THEN
    target := sample_twenty.table_of(p_workspace, argument);
    EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I uuid', schema_name, table_name, name || 'Id')
      || CASE WHEN target IS NULL THEN '' ELSE format(' REFERENCES %I.%I ON DELETE %s', schema_name, target,
        replace(coalesce(words[4], 'SET_NULL'), '_', ' ')) END;
    RETURN field;
  END IF;
  IF EXISTS (SELECT FROM sample_twenty.parts(field_type)) THEN
    FOR part IN SELECT * FROM sample_twenty.parts(field_type) LOOP
      column_type := part.column_type;
      IF column_type = 'enum' THEN
        column_type := format('%I.%I', schema_name, table_name || '_' || name || part.part || '_enum');
        EXECUTE format('CREATE TYPE %s AS ENUM (''EMAIL'', ''CALENDAR'', ''WORKFLOW'', ''AGENT'', ''API'', ''IMPORT'', '
          '''MANUAL'', ''SYSTEM'', ''WEBHOOK'', ''APPLICATION'')', column_type);
      END IF;
      EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I %s', schema_name, table_name, name || part.part, column_type)
        || CASE WHEN field_type <> 'ACTOR' THEN '' WHEN part.part = 'Source' THEN ' NOT NULL DEFAULT ''MANUAL'''
          WHEN part.part = 'Name' THEN ' NOT NULL DEFAULT ''System''' ELSE '' END;
    END LOOP;
    RETURN field;
  END IF;
  column_type := CASE
    WHEN field_type IN ('SELECT', 'RATING', 'MULTI_SELECT')
      THEN format('%I.%I', schema_name, table_name || '_' || name || '_enum')
    WHEN field_type IN ('NUMBER', 'POSITION') THEN 'double precision'
    WHEN field_type = 'DATE_TIME' THEN 'timestamptz'
    WHEN field_type = 'ARRAY' THEN 'text[]'
    WHEN field_type IN ('RAW_JSON', 'FILES') THEN 'jsonb'
    WHEN field_type = 'TS_VECTOR' THEN format(
      'tsvector GENERATED ALWAYS AS (to_tsvector(''simple'', coalesce(%I, ''''))) STORED', argument)
    ELSE lower(field_type) END; -- such as UUID, TEXT, NUMERIC, BOOLEAN, DATE
  IF field_type IN ('SELECT', 'RATING', 'MULTI_SELECT') THEN
    EXECUTE format('CREATE TYPE %s AS ENUM (%s)', column_type,
      (SELECT string_agg(quote_literal(value), ', ') FROM unnest(string_to_array(argument, ',')) AS value));
  END IF;
  EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I %s', schema_name, table_name, name,
      column_type || CASE field_type WHEN 'MULTI_SELECT' THEN '[]' ELSE '' END)
    || coalesce(' NOT NULL DEFAULT ' || quote_literal(fallback), '');
  RETURN field;
END $$;

-- An object: its row of metadata, its table, and the fields that each object has besides its own.
-- kind: standard, custom, or app (of an installed application). Returns the id of the row.
CREATE FUNCTION sample_twenty.add_object(p_workspace uuid, name text, plural text, kind text, VARIADIC fields text[])
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  workspace_text text := CAST(p_workspace AS text);
  object uuid := sample_twenty.id('object', workspace_text, name);
  spec text;
BEGIN
  INSERT INTO core."objectMetadata" SELECT (jsonb_populate_record(NULL::core."objectMetadata", sample_twenty.row(
    p_workspace, object, jsonb_build_object(
      'applicationId', sample_twenty.id(kind, workspace_text), 'isCustom', kind <> 'standard', 'isRemote', false,
      'dataSourceId', (SELECT id FROM core."dataSource" WHERE "workspaceId" = p_workspace),
      'nameSingular', name, 'namePlural', plural, 'labelSingular', initcap(name), 'labelPlural', initcap(plural),
      'targetTableName', 'DEPRECATED', 'isUICreatable', true)))).*;
  EXECUTE format('CREATE TABLE IF NOT EXISTS %I.%I ()', sample_twenty.schema_of(p_workspace),
    CASE kind WHEN 'standard' THEN '' ELSE '_' END || name);
  FOREACH spec IN ARRAY ARRAY['id UUID', 'createdAt DATE_TIME =now', 'updatedAt DATE_TIME =now', 'deletedAt DATE_TIME']
      || fields LOOP
    PERFORM sample_twenty.add_field(p_workspace, name, spec);
  END LOOP;
  EXECUTE format('ALTER TABLE %1$I.%2$I ADD PRIMARY KEY (id), ALTER COLUMN id SET DEFAULT gen_random_uuid(), '
      'ALTER COLUMN "createdAt" SET DEFAULT now(), ALTER COLUMN "updatedAt" SET DEFAULT now()',
    sample_twenty.schema_of(p_workspace), sample_twenty.table_of(p_workspace, name));
  RETURN object;
END $$;

-- A webhook as Twenty's settings page makes it. Returns its id.
CREATE FUNCTION sample_twenty.add_webhook(p_workspace uuid, p_target_url text, p_operations text[], p_secret text,
  p_description text DEFAULT NULL, p_id uuid DEFAULT gen_random_uuid()) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO core.webhook SELECT (jsonb_populate_record(NULL::core.webhook, sample_twenty.row(p_workspace, p_id,
    jsonb_build_object('universalIdentifier', p_id,
      'applicationId', sample_twenty.id('custom', CAST(p_workspace AS text)), 'targetUrl', p_target_url,
      'operations', p_operations, 'secret', p_secret, 'description', p_description)))).*;
  RETURN p_id;
END $$;
