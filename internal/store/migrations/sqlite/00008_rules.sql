-- Rules: occurrences, what they were due for, and what persons may be written to about.

-- +goose Up
-- The rule that a run is an occurrence of, by the prefix of its keys; NULL by hand.
ALTER TABLE outreach_run ADD COLUMN rule TEXT;
-- When the occurrence was due.
ALTER TABLE outreach_run ADD COLUMN due_at INTEGER;
-- Question: which runs has a rule had?
CREATE INDEX outreach_run_rule ON outreach_run (rule, due_at) WHERE rule IS NOT NULL;

-- A shard has recipients of one time zone, '' for those of whom none is known. Nothing of it is
-- sent before the one instant, and nothing after the other.
ALTER TABLE outreach_shard ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE outreach_shard ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outreach_shard ADD COLUMN not_after INTEGER;
-- Quiet hours are reckoned by the program, which knows time zones.
DROP TABLE zone_window;

-- Customers of a run's audience that hear nothing, so that the effect can be measured.
CREATE TABLE outreach_held (
  run_id      INTEGER NOT NULL,
  customer_id INTEGER NOT NULL,
  PRIMARY KEY (run_id, customer_id)
) STRICT, WITHOUT ROWID;

-- What is known of a rule beside its runs, by the prefix of their keys.
CREATE TABLE campaign_rule (
  rule    TEXT NOT NULL PRIMARY KEY,
  -- Up to when missed occurrences are counted, as internal/due has it; NULL for never.
  counted_until INTEGER,
  missed        INTEGER NOT NULL DEFAULT 0,
  -- Since when what triggers it is collected for the next run; NULL where there is nothing.
  collecting_since INTEGER
) STRICT, WITHOUT ROWID;

-- What a rule was triggered by: a transition or a fact, and the occurrence that has it. What
-- stands here is not taken again.
CREATE TABLE campaign_taken (
  rule        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  ref         INTEGER NOT NULL,
  occurrence  TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  PRIMARY KEY (rule, kind, ref)
) STRICT, WITHOUT ROWID;
-- Question: whom is an occurrence about?
CREATE INDEX campaign_taken_occurrence ON campaign_taken (rule, occurrence, customer_id);

-- What persons may be written to about, as the store's policies declare it.
CREATE TABLE contact_topic (
  name        TEXT NOT NULL PRIMARY KEY,
  legal_basis TEXT NOT NULL,
  -- Titles by locale, as a JSON list of {locale, text}; the first is for whoever reads none of
  -- the others.
  titles      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who does not want to hear of a topic any more, by mailbox. Only added to, but that it may be
-- taken back: what was said, when and how, is the proof.
CREATE TABLE objection (
  id         INTEGER NOT NULL PRIMARY KEY,
  address_id INTEGER NOT NULL,
  medium     TEXT NOT NULL,
  -- '' for whatever it may be.
  topic      TEXT NOT NULL,
  at         INTEGER NOT NULL,
  -- OneClick by the mail program, or Page.
  method     TEXT NOT NULL,
  -- The run whose message was answered.
  run_id     INTEGER,
  taken_back_at INTEGER
) STRICT;
-- Question: does this mailbox object? Once is enough.
CREATE UNIQUE INDEX objection_open ON objection (address_id, medium, topic) WHERE taken_back_at IS NULL;
-- Question: what did this mailbox ever say?
CREATE INDEX objection_address ON objection (address_id, at);

-- A program of version 7 sends without asking for objections.
INSERT INTO schema_version (version, min_compatible) VALUES (8, 8);
