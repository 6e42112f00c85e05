-- Whose points changed, for segments that ask for them.

-- +goose Up
-- Accruals and postings that change anybody's points are counted, over all programs: that which
-- changed those of the program last.
ALTER TABLE loyalty_program ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- That which changed the balance of this member, or the points for tiers, last.
ALTER TABLE loyalty_member ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
-- Question: whose points changed since?
CREATE INDEX loyalty_member_changed ON loyalty_member (program_id, changed);

-- Up to which of them a segment follows the points that it asks for.
ALTER TABLE segment ADD COLUMN points INTEGER NOT NULL DEFAULT 0;

-- A program of version 8 asks for no points. What one posts has no number: who asks follows it when
-- the member is looked at again.
INSERT INTO schema_version (version, min_compatible) VALUES (11, 8);
