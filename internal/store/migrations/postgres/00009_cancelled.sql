-- Occurrences of rules that were cancelled before anybody was chosen to be written to.

-- +goose Up
-- They have no run, and are not due again all the same, whatever becomes of their Outreach.
CREATE TABLE outreach_cancelled (
  run_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  at      BIGINT NOT NULL
);

-- A program of version 8 does not look there, and can do the rest as before.
INSERT INTO schema_version (version, min_compatible) VALUES (9, 8);
