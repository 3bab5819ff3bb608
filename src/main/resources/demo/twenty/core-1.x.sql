-- The tables of the schema core that tell of workspaces, objects, fields and webhooks, as in Twenty 1.5 or so: custom
-- objects are marked by isCustom, and dataSource names the schema of a workspace.
CREATE SCHEMA core;
CREATE SCHEMA sample_twenty;

CREATE FUNCTION sample_twenty.generation() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '1.x' $$;

CREATE TYPE core."workspace_activationStatus_enum" AS ENUM
  ('ONGOING_CREATION', 'PENDING_CREATION', 'ACTIVE', 'INACTIVE', 'SUSPENDED');
CREATE TYPE core."dataSource_type_enum" AS ENUM ('postgres');

CREATE TABLE core.workspace (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "displayName" varchar,
  subdomain varchar NOT NULL,
  "inviteHash" varchar,
  "activationStatus" core."workspace_activationStatus_enum" NOT NULL DEFAULT 'INACTIVE',
  "metadataVersion" integer NOT NULL DEFAULT 1,
  "databaseUrl" varchar NOT NULL DEFAULT '',
  "databaseSchema" varchar NOT NULL DEFAULT '',
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE core."dataSource" (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  label varchar,
  url varchar,
  schema varchar,
  type core."dataSource_type_enum" NOT NULL DEFAULT 'postgres',
  "isRemote" boolean NOT NULL DEFAULT false,
  "workspaceId" uuid NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE core."objectMetadata" (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "standardId" uuid,
  "dataSourceId" uuid NOT NULL REFERENCES core."dataSource" ON DELETE CASCADE,
  "nameSingular" varchar NOT NULL,
  "namePlural" varchar NOT NULL,
  "labelSingular" varchar NOT NULL,
  "labelPlural" varchar NOT NULL,
  description text,
  icon varchar,
  "targetTableName" varchar NOT NULL,
  "isCustom" boolean NOT NULL DEFAULT false,
  "isRemote" boolean NOT NULL DEFAULT false,
  "isActive" boolean NOT NULL DEFAULT false,
  "isSystem" boolean NOT NULL DEFAULT false,
  "workspaceId" uuid NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("nameSingular", "workspaceId"),
  UNIQUE ("namePlural", "workspaceId")
);

CREATE TABLE core."fieldMetadata" (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "standardId" uuid,
  "objectMetadataId" uuid NOT NULL REFERENCES core."objectMetadata" ON DELETE CASCADE,
  type varchar NOT NULL,
  name varchar NOT NULL,
  label varchar NOT NULL,
  "defaultValue" jsonb,
  description text,
  icon varchar,
  options jsonb,
  settings jsonb,
  "isCustom" boolean NOT NULL DEFAULT false,
  "isActive" boolean NOT NULL DEFAULT false,
  "isSystem" boolean NOT NULL DEFAULT false,
  "isNullable" boolean DEFAULT true,
  "isUnique" boolean DEFAULT false,
  "workspaceId" uuid NOT NULL,
  "relationTargetFieldMetadataId" uuid,
  "relationTargetObjectMetadataId" uuid,
  "morphId" uuid,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  UNIQUE (name, "objectMetadataId", "workspaceId")
);

CREATE TABLE core.webhook (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "targetUrl" varchar NOT NULL,
  operations text[] NOT NULL DEFAULT '{*.*}',
  description varchar,
  secret varchar NOT NULL,
  "workspaceId" uuid NOT NULL REFERENCES core.workspace ON DELETE CASCADE,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE core."featureFlag" (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key varchar NOT NULL,
  "workspaceId" uuid NOT NULL REFERENCES core.workspace ON DELETE CASCADE,
  value boolean NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  UNIQUE (key, "workspaceId")
);
