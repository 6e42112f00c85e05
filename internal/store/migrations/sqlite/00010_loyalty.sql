-- Loyalty programs: what was earned, what was used up, and how members stand.

-- +goose Up
-- Nothing was ever written to these.
DROP TABLE points_entry;
DROP TABLE tier_member;

-- Programs by what they were carried out with last. How far each is, and who is in which of its
-- tiers, stands with segments, under the name loyalty/NAME: so whatever asks for members and
-- their moves asks for tiers in the same way.
CREATE TABLE loyalty_program (
  id    INTEGER NOT NULL PRIMARY KEY,
  name  TEXT NOT NULL,
  -- Expiry, grace, tiers and what they give, as JSON.
  terms TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Question: which number has a program?
CREATE UNIQUE INDEX loyalty_program_name ON loyalty_program (name);

-- What facts earned, in lots: the sum over one fact, rule, day of earning and day of expiry is a
-- lot. Only added to: late, corrected, withdrawn and merged facts post differences.
CREATE TABLE points_entry (
  program_id  INTEGER NOT NULL,
  customer_id INTEGER NOT NULL,
  rule        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  -- The number of the fact; of a participation that of the edition and the role together.
  fact_id     INTEGER NOT NULL,
  -- In millionths.
  points      INTEGER NOT NULL,
  earned_at   INTEGER NOT NULL,
  expires_at  INTEGER,
  posted_at   INTEGER NOT NULL
) STRICT;
-- Question: what did this customer earn?
CREATE INDEX points_entry_customer ON points_entry (program_id, customer_id);

-- What persons posted: points redeemed, and points given or taken by hand. Only added to.
CREATE TABLE points_posting (
  id          INTEGER NOT NULL PRIMARY KEY,
  program_id  INTEGER NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  -- Redeemed, or Adjusted.
  kind        TEXT NOT NULL,
  -- In millionths; negative for what was redeemed or taken.
  points      INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  -- Whoever posts under a reference once more posts nothing.
  reference   TEXT NOT NULL,
  reason      TEXT NOT NULL,
  actor       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Question: was this posted already?
CREATE UNIQUE INDEX points_posting_reference ON points_posting (program_id, reference);
-- Question: what was posted to this customer?
CREATE INDEX points_posting_customer ON points_posting (customer_id, program_id);

-- How members stand, as of when it was computed last. All points in millionths.
CREATE TABLE loyalty_member (
  program_id  INTEGER NOT NULL,
  customer_id INTEGER NOT NULL,
  -- The tier held, '' for none; and the points that decide it: earned and not expired.
  tier        TEXT NOT NULL,
  tier_points INTEGER NOT NULL,
  -- Points that can be redeemed; negative where a correction took away what had been redeemed.
  balance     INTEGER NOT NULL,
  earned      INTEGER NOT NULL,
  -- Given or taken by hand.
  adjusted    INTEGER NOT NULL,
  redeemed    INTEGER NOT NULL,
  expired     INTEGER NOT NULL,
  -- Facts that a rule is about and that earn nothing, for want of a value or a date.
  unearned    INTEGER NOT NULL,
  -- Until when the tier is kept though the points for it are gone.
  grace_until INTEGER,
  -- When any of it changes by the passing of time alone.
  next_change_at INTEGER,
  PRIMARY KEY (program_id, customer_id)
) STRICT, WITHOUT ROWID;
-- Question: of which programs is this customer a member?
CREATE INDEX loyalty_member_customer ON loyalty_member (customer_id);
-- Question: who changes by now without any fact?
CREATE INDEX loyalty_member_next_change ON loyalty_member (program_id, next_change_at) WHERE next_change_at IS NOT NULL;

INSERT INTO schema_version (version, min_compatible) VALUES (10, 8);
