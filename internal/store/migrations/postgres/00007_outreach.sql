-- Outreach: runs with frozen audiences, and what became of every message.

-- +goose Up
-- The mailbox of a contact point; NULL until somebody is to be written to. The hash of
-- an address is computed by the program, which has its key.
ALTER TABLE contact_point ADD COLUMN address_id BIGINT;
-- Question: which contact points have no mailbox yet?
CREATE INDEX contact_point_no_address ON contact_point (id) WHERE address_id IS NULL;

-- Nothing has been sent by them yet.
DROP TABLE outreach_run;
DROP TABLE outreach_message;
DROP TABLE outreach_shard;
DROP TABLE outreach_retry;

CREATE TABLE outreach_run (
  id        BIGINT NOT NULL PRIMARY KEY,
  run_key   TEXT COLLATE "C" NOT NULL,
  -- The Outreach that began it.
  uid       TEXT COLLATE "C" NOT NULL,
  namespace TEXT COLLATE "C" NOT NULL,
  name      TEXT COLLATE "C" NOT NULL,
  state     TEXT COLLATE "C" NOT NULL,
  -- Why it is in that state, where it says more.
  reason    TEXT COLLATE "C",
  -- What is sent, and how: templates, channel, limits, as JSON.
  plan        TEXT COLLATE "C" NOT NULL,
  plan_digest TEXT COLLATE "C" NOT NULL,
  -- AtMostOnce or AtLeastOnce.
  guarantee   TEXT COLLATE "C" NOT NULL,
  matched     BIGINT NOT NULL,
  recipients  BIGINT NOT NULL,
  -- How many were dropped, by reason, as JSON.
  dropped     TEXT COLLATE "C" NOT NULL,
  frozen_at   BIGINT NOT NULL,
  started_at  BIGINT,
  settled_at  BIGINT
);
-- Question: was this intention carried out already?
CREATE UNIQUE INDEX outreach_run_key ON outreach_run (run_key);

-- Who is written to: frozen, and never changed. seq is dense from 1 on.
CREATE TABLE outreach_message (
  run_id       BIGINT NOT NULL,
  seq          BIGINT NOT NULL,
  customer_id  BIGINT NOT NULL,
  -- The person, or the customer itself.
  recipient_id BIGINT NOT NULL,
  point_id     BIGINT NOT NULL,
  address_id   BIGINT NOT NULL,
  -- Which of the plan's messages.
  locale       BIGINT NOT NULL,
  PRIMARY KEY (run_id, seq)
);

-- A range of a run, start_seq to end_seq, that one connection at a time works on. Before lo
-- all is settled or in outreach_retry; from lo to hi a connection meant to send, and
-- whoever comes after a crash knows no more of it; from hi on nothing was tried. An end is
-- not part of its range.
CREATE TABLE outreach_shard (
  run_id    BIGINT NOT NULL,
  no        BIGINT NOT NULL,
  -- Raised by each lease: who holds an older one commits nothing.
  epoch     BIGINT NOT NULL DEFAULT 0,
  -- Counts what its holder settled: who does not hear whether something was, can ask.
  step      BIGINT NOT NULL DEFAULT 0,
  start_seq BIGINT NOT NULL,
  lo        BIGINT NOT NULL,
  hi        BIGINT NOT NULL,
  end_seq   BIGINT NOT NULL,
  lease_until BIGINT,
  -- Messages of the range by state; waiting are those in outreach_retry.
  sent    BIGINT NOT NULL DEFAULT 0,
  failed  BIGINT NOT NULL DEFAULT 0,
  skipped BIGINT NOT NULL DEFAULT 0,
  unknown BIGINT NOT NULL DEFAULT 0,
  waiting BIGINT NOT NULL DEFAULT 0,
  -- Windows that were handed to a server, and how long that took, in microseconds: of all,
  -- and how many took no more than so many milliseconds. settling is how long the store was
  -- waited for.
  windows    BIGINT NOT NULL DEFAULT 0,
  took       BIGINT NOT NULL DEFAULT 0,
  took_10    BIGINT NOT NULL DEFAULT 0,
  took_50    BIGINT NOT NULL DEFAULT 0,
  took_250   BIGINT NOT NULL DEFAULT 0,
  took_1000  BIGINT NOT NULL DEFAULT 0,
  took_5000  BIGINT NOT NULL DEFAULT 0,
  took_30000 BIGINT NOT NULL DEFAULT 0,
  settling   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, no)
) WITH (fillfactor = 50);

-- What became of a message, by attempt: only added to, but that unknown may turn out to be
-- sent, or not to have been, or a person resolves it.
CREATE TABLE outreach_outcome (
  run_id  BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  state   TEXT COLLATE "C" NOT NULL,
  -- What the server said, such as 550 5.1.1, or why it was not tried.
  code    TEXT COLLATE "C",
  at      BIGINT NOT NULL,
  PRIMARY KEY (run_id, seq, attempt)
);

-- Messages that are to be tried later. epoch is that of the lease that means to send it now.
CREATE TABLE outreach_retry (
  run_id   BIGINT NOT NULL,
  seq      BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  due      BIGINT NOT NULL,
  code     TEXT COLLATE "C",
  epoch    BIGINT,
  PRIMARY KEY (run_id, seq)
);
-- Question: which messages are due again?
CREATE INDEX outreach_retry_due ON outreach_retry (run_id, due);

-- A program of version 6 sends nothing, and can do the rest as before.
INSERT INTO schema_version (version, min_compatible) VALUES (7, 6);
