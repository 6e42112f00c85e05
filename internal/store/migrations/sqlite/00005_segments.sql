-- Segments: who belongs to which, how far each was evaluated, and what expressions
-- are computed with.

-- +goose Up
-- In which role a customer takes part in a series most.
ALTER TABLE customer_series_profile ADD COLUMN main INTEGER NOT NULL DEFAULT 0;

-- Whom refreshes looked at, as lists of numbers; -1 for everybody. The last few
-- hundred are kept. Question: who may have changed since?
CREATE TABLE refresh_log (
  sequence INTEGER NOT NULL,
  part INTEGER NOT NULL,
  parties TEXT NOT NULL,
  PRIMARY KEY (sequence, part)
) STRICT, WITHOUT ROWID;

-- How far a segment was evaluated.
CREATE TABLE segment (
  name TEXT NOT NULL PRIMARY KEY,
  -- Digest of what it is; another one makes the next evaluation a baseline.
  definition TEXT NOT NULL,
  -- Number of the last baseline, which no other one has: members of before and after
  -- one are not to be compared.
  baseline INTEGER NOT NULL,
  -- Of refresh_log, and of the transitions of segments that it asks for, what it has
  -- seen.
  sequence INTEGER NOT NULL,
  transition INTEGER NOT NULL,
  -- The midnight in UTC of the day that it was evaluated for, where the day matters.
  day INTEGER NOT NULL,
  members INTEGER NOT NULL,
  -- Digest of members and classes, where the database computes one.
  digest INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO change_mark (parties) VALUES ('[-1]');

-- A program of version 4 would refresh profiles without saying of whom.
INSERT INTO schema_version (version, min_compatible) VALUES (5, 5);
