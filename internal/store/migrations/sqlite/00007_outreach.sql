-- Outreach: runs with frozen audiences, and what became of every message.

-- +goose Up
-- The mailbox of a contact point; NULL until somebody is to be written to. The hash of
-- an address is computed by the program, which has its key.
ALTER TABLE contact_point ADD COLUMN address_id INTEGER;
-- Question: which contact points have no mailbox yet?
CREATE INDEX contact_point_no_address ON contact_point (id) WHERE address_id IS NULL;

-- Nothing has been sent by them yet.
DROP TABLE outreach_run;
DROP TABLE outreach_message;
DROP TABLE outreach_shard;
DROP TABLE outreach_retry;

CREATE TABLE outreach_run (
  id        INTEGER NOT NULL PRIMARY KEY,
  run_key   TEXT NOT NULL,
  -- The Outreach that began it.
  uid       TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  state     TEXT NOT NULL,
  -- Why it is in that state, where it says more.
  reason    TEXT,
  -- What is sent, and how: templates, channel, limits, as JSON.
  plan        TEXT NOT NULL,
  plan_digest TEXT NOT NULL,
  -- AtMostOnce or AtLeastOnce.
  guarantee   TEXT NOT NULL,
  matched     INTEGER NOT NULL,
  recipients  INTEGER NOT NULL,
  -- How many were dropped, by reason, as JSON.
  dropped     TEXT NOT NULL,
  frozen_at   INTEGER NOT NULL,
  started_at  INTEGER,
  settled_at  INTEGER
) STRICT;
-- Question: was this intention carried out already?
CREATE UNIQUE INDEX outreach_run_key ON outreach_run (run_key);

-- Who is written to: frozen, and never changed. seq is dense from 1 on.
CREATE TABLE outreach_message (
  run_id       INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  customer_id  INTEGER NOT NULL,
  -- The person, or the customer itself.
  recipient_id INTEGER NOT NULL,
  point_id     INTEGER NOT NULL,
  address_id   INTEGER NOT NULL,
  -- Which of the plan's messages.
  locale       INTEGER NOT NULL,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

-- A range of a run, start_seq to end_seq, that one connection at a time works on. Before lo
-- all is settled or in outreach_retry; from lo to hi a connection meant to send, and
-- whoever comes after a crash knows no more of it; from hi on nothing was tried. An end is
-- not part of its range.
CREATE TABLE outreach_shard (
  run_id    INTEGER NOT NULL,
  no        INTEGER NOT NULL,
  -- Raised by each lease: who holds an older one commits nothing.
  epoch     INTEGER NOT NULL DEFAULT 0,
  -- Counts what its holder settled: who does not hear whether something was, can ask.
  step      INTEGER NOT NULL DEFAULT 0,
  start_seq INTEGER NOT NULL,
  lo        INTEGER NOT NULL,
  hi        INTEGER NOT NULL,
  end_seq   INTEGER NOT NULL,
  lease_until INTEGER,
  -- Messages of the range by state; waiting are those in outreach_retry.
  sent    INTEGER NOT NULL DEFAULT 0,
  failed  INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  unknown INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0,
  -- Windows that were handed to a server, and how long that took, in microseconds: of all,
  -- and how many took no more than so many milliseconds. settling is how long the store was
  -- waited for.
  windows    INTEGER NOT NULL DEFAULT 0,
  took       INTEGER NOT NULL DEFAULT 0,
  took_10    INTEGER NOT NULL DEFAULT 0,
  took_50    INTEGER NOT NULL DEFAULT 0,
  took_250   INTEGER NOT NULL DEFAULT 0,
  took_1000  INTEGER NOT NULL DEFAULT 0,
  took_5000  INTEGER NOT NULL DEFAULT 0,
  took_30000 INTEGER NOT NULL DEFAULT 0,
  settling   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, no)
) STRICT, WITHOUT ROWID;

-- What became of a message, by attempt: only added to, but that unknown may turn out to be
-- sent, or not to have been, or a person resolves it.
CREATE TABLE outreach_outcome (
  run_id  INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state   TEXT NOT NULL,
  -- What the server said, such as 550 5.1.1, or why it was not tried.
  code    TEXT,
  at      INTEGER NOT NULL,
  PRIMARY KEY (run_id, seq, attempt)
) STRICT, WITHOUT ROWID;

-- Messages that are to be tried later. epoch is that of the lease that means to send it now.
CREATE TABLE outreach_retry (
  run_id   INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  code     TEXT,
  epoch    INTEGER,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
-- Question: which messages are due again?
CREATE INDEX outreach_retry_due ON outreach_retry (run_id, due);

-- A program of version 6 sends nothing, and can do the rest as before.
INSERT INTO schema_version (version, min_compatible) VALUES (7, 6);
