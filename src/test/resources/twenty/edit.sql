-- The sample Twenty is edited at run time as Twenty edits itself: metadata and DDL in the transaction of the caller.

CREATE FUNCTION sample_twenty.object_of(p_workspace uuid, object text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT id FROM core."objectMetadata" WHERE "workspaceId" = p_workspace AND "nameSingular" = object
$$;

CREATE FUNCTION sample_twenty.drop_object(p_workspace uuid, object text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  gone text := format('%I.%I', sample_twenty.schema_of(p_workspace), sample_twenty.table_of(p_workspace, object));
BEGIN
  DELETE FROM core."objectMetadata" WHERE id = sample_twenty.object_of(p_workspace, object);
  EXECUTE 'DROP TABLE IF EXISTS ' || gone || ' CASCADE';
END $$;

CREATE FUNCTION sample_twenty.rename_object(p_workspace uuid, object text, name text, plural text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  schema_name text := sample_twenty.schema_of(p_workspace);
  before text := sample_twenty.table_of(p_workspace, object);
BEGIN
  UPDATE core."objectMetadata" SET "nameSingular" = name, "namePlural" = plural, "updatedAt" = now()
  WHERE id = sample_twenty.object_of(p_workspace, object);
  EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', schema_name, before,
    CASE WHEN before LIKE '\_%' THEN '_' ELSE '' END || name);
END $$;

-- The columns of a field, by the names that begin with it and the parts of its type.
CREATE FUNCTION sample_twenty.columns_of(p_workspace uuid, object text, field text) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN type IN ('RELATION', 'MORPH_RELATION') THEN name || 'Id' ELSE name || coalesce(part, '') END
  FROM core."fieldMetadata" LEFT JOIN LATERAL sample_twenty.parts(type) ON true
  WHERE "objectMetadataId" = sample_twenty.object_of(p_workspace, object) AND name = field
$$;

CREATE FUNCTION sample_twenty.drop_field(p_workspace uuid, object text, field text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  gone text;
BEGIN
  FOR gone IN SELECT * FROM sample_twenty.columns_of(p_workspace, object, field) LOOP
    EXECUTE format('ALTER TABLE %I.%I DROP COLUMN %I', sample_twenty.schema_of(p_workspace),
      sample_twenty.table_of(p_workspace, object), gone);
  END LOOP;
  DELETE FROM core."fieldMetadata"
  WHERE "objectMetadataId" = sample_twenty.object_of(p_workspace, object) AND name = field;
END $$;

CREATE FUNCTION sample_twenty.rename_field(p_workspace uuid, object text, field text, new_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  FOR before IN SELECT * FROM sample_twenty.columns_of(p_workspace, object, field) LOOP
    EXECUTE format('ALTER TABLE %I.%I RENAME COLUMN %I TO %I', sample_twenty.schema_of(p_workspace),
      sample_twenty.table_of(p_workspace, object), before, new_name || substr(before, length(field) + 1));
  END LOOP;
  UPDATE core."fieldMetadata" SET name = new_name, "updatedAt" = now()
  WHERE "objectMetadataId" = sample_twenty.object_of(p_workspace, object) AND name = field;
END $$;

-- Other options of a SELECT or MULTI_SELECT: a new type, a new column, every row rewritten, and the old ones dropped.
CREATE FUNCTION sample_twenty.edit_options(p_workspace uuid, object text, field text, VARIADIC choices text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  schema_name text := sample_twenty.schema_of(p_workspace);
  relation text := format('%I.%I', schema_name, sample_twenty.table_of(p_workspace, object));
  type_name text := sample_twenty.table_of(p_workspace, object) || '_' || field || '_enum';
  many text := CASE (SELECT type FROM core."fieldMetadata"
      WHERE "objectMetadataId" = sample_twenty.object_of(p_workspace, object) AND name = field)
    WHEN 'MULTI_SELECT' THEN '[]' ELSE '' END;
  kept text;
BEGIN
  EXECUTE format('ALTER TYPE %I.%I RENAME TO %I', schema_name, type_name, type_name || '_old');
  EXECUTE format('CREATE TYPE %I.%I AS ENUM (%s)', schema_name, type_name,
    (SELECT string_agg(quote_literal(option), ', ') FROM unnest(choices) AS option));
  EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', relation, field, field || '_old');
  EXECUTE format('ALTER TABLE %s ADD COLUMN %I %I.%I%s', relation, field, schema_name, type_name, many);
  kept := format('CAST(CAST(%I AS text%s) AS %I.%I%s)', field || '_old', many, schema_name, type_name, many);
  IF many = '' THEN
    kept := format('CASE WHEN CAST(%I AS text) = ANY (%L) THEN %s END', field || '_old', choices, kept);
  END IF;
  EXECUTE format('UPDATE %s SET %I = %s', relation, field, kept);
  EXECUTE format('ALTER TABLE %s DROP COLUMN %I', relation, field || '_old');
  EXECUTE format('DROP TYPE %I.%I', schema_name, type_name || '_old');
  UPDATE core."fieldMetadata" SET "updatedAt" = now(), options =
    (SELECT jsonb_agg(jsonb_build_object('value', option, 'label', initcap(option))) FROM unnest(choices) AS option)
  WHERE "objectMetadataId" = sample_twenty.object_of(p_workspace, object) AND name = field;
END $$;
