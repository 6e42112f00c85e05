-- What follows from facts (rebuildable), and what outreach records as it works.

-- +goose Up
-- Question: what is this customer worth, and how do they stand? One row each.
CREATE TABLE customer_profile (
  customer_id INTEGER NOT NULL PRIMARY KEY,
  generation  INTEGER NOT NULL,
  -- When a figure changes by the passing of time alone.
  next_change_at INTEGER
) STRICT;
-- Question: who changed since this generation?
CREATE INDEX customer_profile_generation ON customer_profile (generation);
-- Question: whose figures change by now without any fact?
CREATE INDEX customer_profile_next_change ON customer_profile (next_change_at) WHERE next_change_at IS NOT NULL;

CREATE TABLE customer_series_profile (
  customer_id INTEGER NOT NULL,
  series      TEXT NOT NULL,
  role        TEXT NOT NULL,
  generation  INTEGER NOT NULL,
  PRIMARY KEY (customer_id, series, role)
) STRICT, WITHOUT ROWID;
-- Question: who are the customers of this series?
CREATE INDEX customer_series_profile_series ON customer_series_profile (series, role, customer_id);

CREATE TABLE segment_member (
  segment     TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  class       TEXT NOT NULL,
  entered_at  INTEGER NOT NULL,
  PRIMARY KEY (segment, customer_id)
) STRICT, WITHOUT ROWID;
-- Question: in which segments is this customer?
CREATE INDEX segment_member_customer ON segment_member (customer_id);

CREATE TABLE segment_transition (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  segment     TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  from_class  TEXT,
  to_class    TEXT,
  at          INTEGER NOT NULL
) STRICT;
-- Question: who entered or left this segment since then?
CREATE INDEX segment_transition_segment ON segment_transition (segment, id);
-- Question: how did this customer move?
CREATE INDEX segment_transition_customer ON segment_transition (customer_id);

-- Points are added to and never edited; a correction posts the difference.
CREATE TABLE points_entry (
  id          INTEGER PRIMARY KEY,
  program     TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER,
  points      INTEGER NOT NULL,
  earned_at   INTEGER NOT NULL,
  expires_at  INTEGER,
  rule        TEXT,
  entity      TEXT,
  fact_id     INTEGER,
  reason      TEXT,
  actor       TEXT,
  reference   TEXT
) STRICT;
-- Question: what is this customer's balance?
CREATE INDEX points_entry_customer ON points_entry (program, customer_id, earned_at);
-- Question: was this fact rewarded already?
CREATE INDEX points_entry_fact ON points_entry (program, entity, fact_id) WHERE fact_id IS NOT NULL;
-- Question: was this redemption or adjustment posted already?
CREATE UNIQUE INDEX points_entry_reference ON points_entry (program, reference) WHERE reference IS NOT NULL;
-- Question: which points expire by now?
CREATE INDEX points_entry_expires ON points_entry (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE tier_member (
  program     TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  tier        TEXT NOT NULL,
  since       INTEGER NOT NULL,
  grace_until INTEGER,
  PRIMARY KEY (program, customer_id)
) STRICT, WITHOUT ROWID;
-- Question: which tiers does this customer have?
CREATE INDEX tier_member_customer ON tier_member (customer_id);

-- A mailbox: the unit of suppression and caps. Two customers may share one.
CREATE TABLE address (
  id   INTEGER PRIMARY KEY,
  hash TEXT NOT NULL
) STRICT;
-- Question: which mailbox has this keyed hash?
CREATE UNIQUE INDEX address_hash ON address (hash);

CREATE TABLE outreach_run (
  id        INTEGER PRIMARY KEY,
  run_key   TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  state     TEXT NOT NULL,
  plan      TEXT,
  frozen_at INTEGER,
  settled_at INTEGER
) STRICT;
-- Question: was this intention carried out already?
CREATE UNIQUE INDEX outreach_run_key ON outreach_run (run_key);

-- One message of a run. No index carries state, so that updates stay in place.
CREATE TABLE outreach_message (
  run_id      INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  customer_id INTEGER NOT NULL,
  address_id  INTEGER,
  state       TEXT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  reason      TEXT,
  settled_at  INTEGER,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

-- A range of a run that one worker at a time holds.
CREATE TABLE outreach_shard (
  run_id  INTEGER NOT NULL,
  no      INTEGER NOT NULL,
  epoch   INTEGER NOT NULL,
  lo      INTEGER NOT NULL,
  hi      INTEGER NOT NULL,
  end_seq INTEGER NOT NULL,
  lease_until INTEGER,
  sent    INTEGER NOT NULL DEFAULT 0,
  failed  INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  unknown INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, no)
) STRICT, WITHOUT ROWID;

CREATE TABLE outreach_retry (
  run_id INTEGER NOT NULL,
  due    INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY (run_id, due, seq)
) STRICT, WITHOUT ROWID;

-- What came of a message after it was sent: bounces, clicks, answers.
CREATE TABLE message_event (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT;
-- Question: what came of this message?
CREATE INDEX message_event_message ON message_event (run_id, seq);

-- The last twelve contacts of a mailbox by a medium, newest first.
CREATE TABLE contact_pressure (
  address_id INTEGER NOT NULL,
  medium     TEXT NOT NULL,
  t1 INTEGER, t2 INTEGER, t3 INTEGER, t4 INTEGER, t5 INTEGER, t6 INTEGER,
  t7 INTEGER, t8 INTEGER, t9 INTEGER, t10 INTEGER, t11 INTEGER, t12 INTEGER,
  run_id INTEGER,
  seq    INTEGER,
  PRIMARY KEY (address_id, medium)
) STRICT, WITHOUT ROWID;

-- When a channel may send next, in microseconds since 1970.
CREATE TABLE channel_rate (
  channel TEXT NOT NULL PRIMARY KEY,
  next_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the quiet hours of a zone are over; filled by the program that knows zones.
CREATE TABLE zone_window (
  time_zone  TEXT NOT NULL,
  open_from  INTEGER NOT NULL,
  open_until INTEGER NOT NULL,
  PRIMARY KEY (time_zone, open_from)
) STRICT, WITHOUT ROWID;

INSERT INTO schema_version (version, min_compatible) VALUES (3, 1);
