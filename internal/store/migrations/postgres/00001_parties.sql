-- Parties: who a store knows, what each source calls them, and whom they belong to.
--
-- Types are BIGINT, TEXT COLLATE "C" and BOOLEAN only, so that SQLite holds the
-- same. Money is in minor units, areas and scores are scaled integers, instants
-- are milliseconds since 1970 in UTC, days are those of their midnight in UTC.
--
-- Every reference to a party is a pair: x_record_id is what the source named
-- (it never changes), x_id is the party that record belongs to today. A merge
-- or its undoing moves records, and x_id follows in the same transaction.

-- +goose Up
-- Which schema this is. A program that knows less than min_compatible, or less
-- than this history, must not touch it.
CREATE TABLE schema_version (
  version        BIGINT NOT NULL PRIMARY KEY,
  min_compatible BIGINT NOT NULL
);

-- The one row says which store this is and who owns it.
CREATE TABLE store (
  one          BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  store_id     TEXT COLLATE "C" NOT NULL,
  -- Owner: cluster (the uid of its kube-system namespace), namespace, name.
  owner_cluster   TEXT COLLATE "C",
  owner_namespace TEXT COLLATE "C",
  owner_name      TEXT COLLATE "C",
  reporting_currency TEXT COLLATE "C",
  -- Names of fields that are held encrypted only: a JSON list.
  sensitive_fields TEXT COLLATE "C" NOT NULL,
  -- Key of the hashes of addresses and erased keys, in hexadecimal. Workers
  -- need it and must not have the keyset, so it lives here.
  hash_key     TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL
);

-- Numbers are handed out in blocks, inside the transaction that uses them.
CREATE TABLE number_block (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  next BIGINT NOT NULL
);

-- Where data comes from. Of two sources the more trusted one's fields stand.
CREATE TABLE source (
  id          BIGINT NOT NULL PRIMARY KEY,
  name        TEXT COLLATE "C" NOT NULL,
  trust       BIGINT NOT NULL,
  legal_basis TEXT COLLATE "C",
  acquired    TEXT COLLATE "C"
);
-- Question: which source has this name?
CREATE UNIQUE INDEX source_name ON source (name);

-- Attributes beyond the fixed fields, with the type that expressions rely on.
CREATE TABLE attribute (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL
);

-- One import of one file.
CREATE TABLE import_run (
  id          BIGINT NOT NULL PRIMARY KEY,
  source_id   BIGINT NOT NULL,
  entity      TEXT COLLATE "C" NOT NULL,
  file_name   TEXT COLLATE "C" NOT NULL,
  started_at  BIGINT NOT NULL,
  finished_at BIGINT,
  rows_read      BIGINT NOT NULL DEFAULT 0,
  rows_new       BIGINT NOT NULL DEFAULT 0,
  rows_changed   BIGINT NOT NULL DEFAULT 0,
  rows_unchanged BIGINT NOT NULL DEFAULT 0,
  rows_rejected  BIGINT NOT NULL DEFAULT 0
);
-- Question: what came last from this source?
CREATE INDEX import_run_source ON import_run (source_id, id);

CREATE TABLE edition (
  id        BIGINT NOT NULL PRIMARY KEY,
  series    TEXT COLLATE "C" NOT NULL,
  edition   TEXT COLLATE "C" NOT NULL,
  name      TEXT COLLATE "C",
  opens     BIGINT,
  closes    BIGINT,
  country   TEXT COLLATE "C",
  cancelled BOOLEAN NOT NULL DEFAULT FALSE,
  import_id BIGINT
);
-- Question: which edition is meant by this series and name?
CREATE UNIQUE INDEX edition_name ON edition (series, edition);

-- A party as it stands: of every field the newest value of the most trusted
-- source among its records.
CREATE TABLE party (
  id         BIGINT NOT NULL PRIMARY KEY,
  kind       TEXT COLLATE "C" NOT NULL,
  code       TEXT COLLATE "C" NOT NULL,
  name       TEXT COLLATE "C",
  country    TEXT COLLATE "C",
  region     TEXT COLLATE "C",
  city       TEXT COLLATE "C",
  address    TEXT COLLATE "C",
  postcode   TEXT COLLATE "C",
  industry   TEXT COLLATE "C",
  size       TEXT COLLATE "C",
  locale     TEXT COLLATE "C",
  time_zone  TEXT COLLATE "C",
  time_zone_inferred BOOLEAN NOT NULL DEFAULT FALSE,
  born       BIGINT,
  origin     TEXT COLLATE "C",
  roles      BIGINT NOT NULL DEFAULT 0,
  attributes TEXT COLLATE "C" NOT NULL DEFAULT '{}',
  merged_into BIGINT,
  erased_at   BIGINT
);
-- Question: who has this code?
CREATE UNIQUE INDEX party_code ON party (code);
-- Question: who was merged into this party?
CREATE INDEX party_merged_into ON party (merged_into) WHERE merged_into IS NOT NULL;

-- What one source says of a party under one key (external key), and to which
-- party it belongs. content is a JSON object of the fields that were given;
-- name_key is its name as names are compared, country where it says to be.
CREATE TABLE party_record (
  id           BIGINT NOT NULL PRIMARY KEY,
  source_id    BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  party_id     BIGINT NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  name_key     TEXT COLLATE "C" NOT NULL,
  country      TEXT COLLATE "C" NOT NULL,
  -- Roles that facts under this record give, beside those in content.
  roles        BIGINT NOT NULL DEFAULT 0,
  content      TEXT COLLATE "C" NOT NULL,
  at           BIGINT NOT NULL,
  import_id    BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: whom does this source mean by this key?
CREATE UNIQUE INDEX party_record_key ON party_record (source_id, external_key);
-- Question: what does each source say of this party?
CREATE INDEX party_record_party ON party_record (party_id);
-- Question: who is called this, in this country or another?
CREATE INDEX party_record_name ON party_record (name_key);

-- Keys of erased persons, hashed, so that no import brings them back.
CREATE TABLE erased_key (
  source_id BIGINT NOT NULL,
  key_hash  TEXT COLLATE "C" NOT NULL,
  party_id  BIGINT NOT NULL,
  PRIMARY KEY (source_id, key_hash)
);

-- How a party is reached. address_key is the address as it is compared.
CREATE TABLE contact_point (
  id           BIGINT NOT NULL PRIMARY KEY,
  source_id    BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  party_id     BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  medium       TEXT COLLATE "C" NOT NULL,
  address      TEXT COLLATE "C" NOT NULL,
  address_key  TEXT COLLATE "C" NOT NULL,
  is_primary   BOOLEAN,
  state        TEXT COLLATE "C",
  digest       BIGINT NOT NULL,
  import_id    BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which address has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX contact_point_key ON contact_point (source_id, external_key);
-- Question: how is this party reached?
CREATE INDEX contact_point_party ON contact_point (party_id);
-- Question: whose address is this?
CREATE INDEX contact_point_address ON contact_point (address_key, medium);

-- Bank account and whatever the store declares, encrypted with the keyset. The
-- primary key answers: what is held under lock for this party?
CREATE TABLE sensitive_field (
  party_id        BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  field      TEXT COLLATE "C" NOT NULL,
  ciphertext TEXT COLLATE "C" NOT NULL,
  equal_hash TEXT COLLATE "C" NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (party_id, party_record_id, field)
);
-- Question: who else has this bank account?
CREATE INDEX sensitive_field_equal ON sensitive_field (field, equal_hash);

-- Who saw what was under lock.
CREATE TABLE access_log (
  id       BIGINT NOT NULL PRIMARY KEY,
  party_id BIGINT NOT NULL,
  field    TEXT COLLATE "C" NOT NULL,
  actor    TEXT COLLATE "C" NOT NULL,
  purpose  TEXT COLLATE "C" NOT NULL,
  at       BIGINT NOT NULL
);
-- Question: who looked at this party?
CREATE INDEX access_log_party ON access_log (party_id, at);

-- Two parties that may be one: a person decides. party_id < other_id.
CREATE TABLE match_candidate (
  id         BIGINT NOT NULL PRIMARY KEY,
  party_id   BIGINT NOT NULL,
  other_id   BIGINT NOT NULL,
  reason     TEXT COLLATE "C" NOT NULL,
  found_at   BIGINT NOT NULL,
  decision   TEXT COLLATE "C",
  decided_at BIGINT,
  decided_by TEXT COLLATE "C"
);
-- Question: is this pair known already?
CREATE UNIQUE INDEX match_candidate_pair ON match_candidate (party_id, other_id);
-- Question: which pairs wait for a decision?
CREATE INDEX match_candidate_open ON match_candidate (id) WHERE decision IS NULL;
-- Question: which pairs have this party as the second?
CREATE INDEX match_candidate_other ON match_candidate (other_id);

-- What was merged, by whom and why, and whether it was undone.
CREATE TABLE merge_log (
  id          BIGINT NOT NULL PRIMARY KEY,
  survivor_id BIGINT NOT NULL,
  loser_id    BIGINT NOT NULL,
  reason      TEXT COLLATE "C" NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  at          BIGINT NOT NULL,
  undone_at   BIGINT,
  undone_by   TEXT COLLATE "C"
);
-- Question: what was merged into this party?
CREATE INDEX merge_log_survivor ON merge_log (survivor_id);
-- Question: where did this party go?
CREATE INDEX merge_log_loser ON merge_log (loser_id);
-- The records that a merge moved: what its undoing moves back.
CREATE TABLE merge_log_record (
  merge_id        BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  PRIMARY KEY (merge_id, party_record_id)
);

-- What was erased, table by table: the evidence.
CREATE TABLE erasure_log (
  id       BIGINT NOT NULL PRIMARY KEY,
  party_id BIGINT NOT NULL,
  actor    TEXT COLLATE "C" NOT NULL,
  reason   TEXT COLLATE "C" NOT NULL,
  at       BIGINT NOT NULL,
  evidence TEXT COLLATE "C" NOT NULL
);
-- Question: was this party erased, and what went?
CREATE INDEX erasure_log_party ON erasure_log (party_id);

-- What a fact or record said before it was corrected or withdrawn.
CREATE TABLE correction (
  id        BIGINT NOT NULL PRIMARY KEY,
  entity    TEXT COLLATE "C" NOT NULL,
  fact_id   BIGINT NOT NULL,
  party_id  BIGINT,
  import_id BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  before    TEXT COLLATE "C" NOT NULL
);
-- Question: how did this fact come to be what it is?
CREATE INDEX correction_fact ON correction (entity, fact_id, id);
-- Question: what was ever corrected about this party?
CREATE INDEX correction_party ON correction (party_id) WHERE party_id IS NOT NULL;

-- Parties whose profile has to be computed again, as JSON lists of their numbers:
-- an import writes one row for hundreds. Writers only add, the same party many
-- times over; the refresher takes away exactly what it saw. No index: it is read
-- as a whole, and every fact that comes in writes to it.
CREATE TABLE change_mark (
  parties TEXT COLLATE "C" NOT NULL
);

INSERT INTO schema_version (version, min_compatible) VALUES (1, 1);
