-- Classes of segments.

-- +goose Up
-- The last transition of any segment before the last baseline: what came up to it is not
-- to be compared with members of now.
ALTER TABLE segment ADD COLUMN baseline_transition INTEGER NOT NULL DEFAULT 0;

-- A program of version 5 would take members out of their classes.
INSERT INTO schema_version (version, min_compatible) VALUES (6, 6);
