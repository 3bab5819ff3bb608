-- The sample CRM: tables with the columns of Twenty's own. Composite fields are flattened (nameFirstName), names are
-- camelCase, and a soft delete sets deletedAt.
CREATE SCHEMA IF NOT EXISTS crm;

CREATE TABLE IF NOT EXISTS crm.company (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text,
  "domainNamePrimaryLinkUrl" text,
  "domainNamePrimaryLinkLabel" text,
  "addressAddressCity" text,
  "addressAddressCountry" text,
  employees integer,
  "annualRecurringRevenueAmountMicros" numeric,
  "annualRecurringRevenueCurrencyCode" text,
  "createdBySource" text NOT NULL DEFAULT 'MANUAL',
  "createdByName" text,
  position double precision NOT NULL DEFAULT 0,
  "searchVector" tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce(name, ''))) STORED,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE IF NOT EXISTS crm.person (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "nameFirstName" text,
  "nameLastName" text,
  "emailsPrimaryEmail" text,
  "emailsAdditionalEmails" jsonb,
  "phonesPrimaryPhoneNumber" text,
  "phonesPrimaryPhoneCallingCode" text,
  "jobTitle" text,
  city text,
  "companyId" uuid REFERENCES crm.company ON DELETE SET NULL,
  "createdBySource" text NOT NULL DEFAULT 'MANUAL',
  "createdByName" text,
  position double precision NOT NULL DEFAULT 0,
  "searchVector" tsvector GENERATED ALWAYS AS
    (to_tsvector('simple', coalesce("nameFirstName", '') || ' ' || coalesce("nameLastName", ''))) STORED,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE IF NOT EXISTS crm.opportunity (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text,
  stage text NOT NULL DEFAULT 'NEW',
  "amountAmountMicros" numeric,
  "amountCurrencyCode" text,
  "closeDate" timestamptz,
  "companyId" uuid REFERENCES crm.company ON DELETE SET NULL,
  "pointOfContactId" uuid REFERENCES crm.person ON DELETE SET NULL,
  "createdBySource" text NOT NULL DEFAULT 'MANUAL',
  "createdByName" text,
  position double precision NOT NULL DEFAULT 0,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE IF NOT EXISTS crm.note (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text,
  "bodyV2Markdown" text,
  "createdBySource" text NOT NULL DEFAULT 'MANUAL',
  "createdByName" text,
  position double precision NOT NULL DEFAULT 0,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE IF NOT EXISTS crm.task (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text,
  status text NOT NULL DEFAULT 'TODO',
  "dueAt" timestamptz,
  "createdBySource" text NOT NULL DEFAULT 'MANUAL',
  "createdByName" text,
  position double precision NOT NULL DEFAULT 0,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);
