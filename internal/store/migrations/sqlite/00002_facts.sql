-- Facts: what happened. A row is what its source says today; what it said
-- before stands in correction. withdrawn_at marks what a source says no more.
--
-- Participation has no number of its own: at a million rows an edition its
-- primary key is the only index that its import has to keep.

-- +goose Up
-- A person belongs to an organization.
CREATE TABLE affiliation (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  person_record_id INTEGER NOT NULL,
  organization_id INTEGER NOT NULL,
  organization_record_id INTEGER NOT NULL,
  roles INTEGER,
  department TEXT,
  title TEXT,
  is_primary INTEGER,
  valid_from INTEGER,
  valid_to INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX affiliation_key ON affiliation (source_id, external_key);
-- Question: what is recorded of this person?
CREATE INDEX affiliation_person ON affiliation (person_id);
-- Question: who and what belongs to this organization?
CREATE INDEX affiliation_organization ON affiliation (organization_id);

-- A party is something to another: its agent, co-exhibitor, subsidiary, sponsor or supplier (map rows A2, C2).
CREATE TABLE party_relation (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  party_id INTEGER NOT NULL,
  party_record_id INTEGER NOT NULL,
  relation TEXT NOT NULL,
  other_id INTEGER NOT NULL,
  other_record_id INTEGER NOT NULL,
  series TEXT,
  year TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX party_relation_key ON party_relation (source_id, external_key);
-- Question: what is recorded of this party?
CREATE INDEX party_relation_party ON party_relation (party_id);
-- Question: who relates to this party?
CREATE INDEX party_relation_other ON party_relation (other_id);

-- Who of the organiser's staff looks after a customer.
CREATE TABLE account_owner (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  series TEXT,
  staff_id INTEGER NOT NULL,
  staff_record_id INTEGER NOT NULL,
  valid_from INTEGER,
  valid_to INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX account_owner_key ON account_owner (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX account_owner_customer ON account_owner (customer_id);
-- Question: whom does this member of staff look after?
CREATE INDEX account_owner_staff ON account_owner (staff_id);

-- A customer took part in an edition: one row per customer, edition and role (map row B4).
CREATE TABLE participation (
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  edition_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL,
  at INTEGER,
  area INTEGER,
  list_price INTEGER,
  net INTEGER,
  currency TEXT,
  hall TEXT,
  stand TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER,
  PRIMARY KEY (customer_id, edition_id, role, customer_record_id)
) STRICT, WITHOUT ROWID;

-- A customer booked a product for an edition.
CREATE TABLE booking (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  payer_id INTEGER,
  payer_record_id INTEGER,
  agent_id INTEGER,
  agent_record_id INTEGER,
  parent TEXT,
  edition_id INTEGER NOT NULL,
  product TEXT NOT NULL,
  hall TEXT,
  stand TEXT,
  stand_type TEXT,
  area INTEGER,
  price_tier TEXT,
  list_price INTEGER,
  discount INTEGER,
  discount_reason TEXT,
  net INTEGER,
  currency TEXT,
  contract TEXT,
  contract_editions INTEGER,
  at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX booking_key ON booking (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX booking_customer ON booking (customer_id);
-- Question: what does this party pay for?
CREATE INDEX booking_payer ON booking (payer_id) WHERE payer_id IS NOT NULL;
-- Question: what came through this agent?
CREATE INDEX booking_agent ON booking (agent_id) WHERE agent_id IS NOT NULL;
-- Question: what happened at this edition?
CREATE INDEX booking_edition ON booking (edition_id);

-- A booking came to a status.
CREATE TABLE booking_status (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  booking_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT,
  fee INTEGER,
  currency TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX booking_status_key ON booking_status (source_id, external_key);
-- Question: how did this booking go?
CREATE INDEX booking_status_booking ON booking_status (booking_id);

-- A person was at an edition on a day (map row B11).
CREATE TABLE visit (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  person_record_id INTEGER NOT NULL,
  organization_id INTEGER,
  organization_record_id INTEGER,
  edition_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  first_scan INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX visit_key ON visit (source_id, external_key);
-- Question: what is recorded of this person?
CREATE INDEX visit_person ON visit (person_id);
-- Question: who and what belongs to this organization?
CREATE INDEX visit_organization ON visit (organization_id) WHERE organization_id IS NOT NULL;
-- Question: what happened at this edition?
CREATE INDEX visit_edition ON visit (edition_id);

-- Money that came in from a customer, and what it cost.
CREATE TABLE transaction_entry (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  edition_id INTEGER,
  at INTEGER NOT NULL,
  revenue INTEGER,
  discount INTEGER,
  product_cost INTEGER,
  indirect_cost INTEGER,
  currency TEXT NOT NULL,
  purpose TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX transaction_entry_key ON transaction_entry (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX transaction_entry_customer ON transaction_entry (customer_id);

-- The organiser's effort: one contact with a customer (map row B3).
CREATE TABLE interaction (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  person_id INTEGER,
  person_record_id INTEGER,
  author_id INTEGER,
  author_record_id INTEGER,
  edition_id INTEGER,
  direction TEXT,
  at INTEGER NOT NULL,
  place TEXT,
  method TEXT NOT NULL,
  campaign TEXT,
  cost INTEGER,
  currency TEXT,
  offer TEXT,
  next_step TEXT,
  note TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX interaction_key ON interaction (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX interaction_customer ON interaction (customer_id);
-- Question: what is recorded of this person?
CREATE INDEX interaction_person ON interaction (person_id) WHERE person_id IS NOT NULL;
-- Question: whom did this member of staff contact?
CREATE INDEX interaction_author ON interaction (author_id) WHERE author_id IS NOT NULL;

-- One answer to one question (map rows B13, E1).
CREATE TABLE feedback (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  person_id INTEGER,
  person_record_id INTEGER,
  edition_id INTEGER,
  survey TEXT NOT NULL,
  wave TEXT,
  question TEXT NOT NULL,
  dimension TEXT,
  vendor_id INTEGER,
  vendor_record_id INTEGER,
  expected INTEGER,
  perceived INTEGER,
  score INTEGER,
  rival_score INTEGER,
  comment TEXT,
  at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX feedback_key ON feedback (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX feedback_customer ON feedback (customer_id);
-- Question: what is recorded of this person?
CREATE INDEX feedback_person ON feedback (person_id) WHERE person_id IS NOT NULL;
-- Question: what happened at this edition?
CREATE INDEX feedback_edition ON feedback (edition_id);
-- Question: what is said about this vendor?
CREATE INDEX feedback_vendor ON feedback (vendor_id) WHERE vendor_id IS NOT NULL;

-- A customer complained (map rows A5, B13).
CREATE TABLE complaint (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  person_id INTEGER,
  person_record_id INTEGER,
  edition_id INTEGER,
  hall TEXT,
  stand TEXT,
  vendor_id INTEGER,
  vendor_record_id INTEGER,
  channel TEXT,
  category TEXT,
  cause TEXT,
  severity TEXT,
  opened INTEGER NOT NULL,
  due INTEGER,
  first_answer INTEGER,
  resolved INTEGER,
  outcome TEXT,
  claim INTEGER,
  currency TEXT,
  note TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX complaint_key ON complaint (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX complaint_customer ON complaint (customer_id);
-- Question: what is recorded of this person?
CREATE INDEX complaint_person ON complaint (person_id) WHERE person_id IS NOT NULL;
-- Question: what happened at this edition?
CREATE INDEX complaint_edition ON complaint (edition_id);
-- Question: what is said about this vendor?
CREATE INDEX complaint_vendor ON complaint (vendor_id) WHERE vendor_id IS NOT NULL;

-- A customer recommended another (map row C3).
CREATE TABLE referral (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  referrer_id INTEGER NOT NULL,
  referrer_record_id INTEGER NOT NULL,
  referred_id INTEGER NOT NULL,
  referred_record_id INTEGER NOT NULL,
  edition_id INTEGER,
  code TEXT,
  at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX referral_key ON referral (source_id, external_key);
-- Question: whom did this customer recommend?
CREATE INDEX referral_referrer ON referral (referrer_id);
-- Question: who recommended this customer?
CREATE INDEX referral_referred ON referral (referred_id);

-- What a customer spends with others (map row B2).
CREATE TABLE rival_dealing (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  customer_id INTEGER NOT NULL,
  customer_record_id INTEGER NOT NULL,
  rival TEXT NOT NULL,
  product TEXT,
  day INTEGER NOT NULL,
  area INTEGER,
  spend INTEGER,
  currency TEXT,
  evidence TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX rival_dealing_key ON rival_dealing (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX rival_dealing_customer ON rival_dealing (customer_id);

-- What a party likes or needs (map row B12).
CREATE TABLE preference (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  party_id INTEGER NOT NULL,
  party_record_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  confirmed INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX preference_key ON preference (source_id, external_key);
-- Question: what is recorded of this party?
CREATE INDEX preference_party ON preference (party_id);

-- A person agreed to be written to about a topic.
CREATE TABLE consent (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  person_record_id INTEGER NOT NULL,
  topic TEXT NOT NULL,
  medium TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  wording TEXT,
  proof TEXT,
  given INTEGER NOT NULL,
  withdrawn INTEGER,
  expires INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX consent_key ON consent (source_id, external_key);
-- Question: what is recorded of this person?
CREATE INDEX consent_person ON consent (person_id);

-- An address that must not be written to; only its keyed hash is held.
CREATE TABLE suppression (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  medium TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  scope TEXT NOT NULL,
  reason TEXT,
  at INTEGER,
  expires INTEGER,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX suppression_key ON suppression (source_id, external_key);

-- What one unit of a currency was worth in another on a day.
CREATE TABLE exchange_rate (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  day INTEGER NOT NULL,
  rate INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX exchange_rate_key ON exchange_rate (source_id, external_key);

-- A party on a hand-picked list.
CREATE TABLE list_member (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  external_key TEXT NOT NULL,
  list TEXT NOT NULL,
  party_id INTEGER NOT NULL,
  party_record_id INTEGER NOT NULL,
  reason TEXT,
  digest INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX list_member_key ON list_member (source_id, external_key);
-- Question: what is recorded of this party?
CREATE INDEX list_member_party ON list_member (party_id);

-- Question: is this address kept from this medium? (asked for every message)
CREATE INDEX suppression_address ON suppression (address_hash, medium);
-- Question: what was this currency worth on this day?
CREATE INDEX exchange_rate_day ON exchange_rate (valid_from, valid_to, day);
-- Question: who is on this list?
CREATE INDEX list_member_list ON list_member (list, party_id);

INSERT INTO schema_version (version, min_compatible) VALUES (2, 1);
