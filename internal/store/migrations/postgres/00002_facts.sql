-- Facts: what happened. A row is what its source says today; what it said
-- before stands in correction. withdrawn_at marks what a source says no more.
--
-- Participation has no number of its own: at a million rows an edition its
-- primary key is the only index that its import has to keep.

-- +goose Up
-- A person belongs to an organization.
CREATE TABLE affiliation (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  person_id BIGINT NOT NULL,
  person_record_id BIGINT NOT NULL,
  organization_id BIGINT NOT NULL,
  organization_record_id BIGINT NOT NULL,
  roles BIGINT,
  department TEXT COLLATE "C",
  title TEXT COLLATE "C",
  is_primary BOOLEAN,
  valid_from BIGINT,
  valid_to BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX affiliation_key ON affiliation (source_id, external_key);
-- Question: what is recorded of this person?
CREATE INDEX affiliation_person ON affiliation (person_id);
-- Question: who and what belongs to this organization?
CREATE INDEX affiliation_organization ON affiliation (organization_id);

-- A party is something to another: its agent, co-exhibitor, subsidiary, sponsor or supplier (map rows A2, C2).
CREATE TABLE party_relation (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  party_id BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  relation TEXT COLLATE "C" NOT NULL,
  other_id BIGINT NOT NULL,
  other_record_id BIGINT NOT NULL,
  series TEXT COLLATE "C",
  year TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX party_relation_key ON party_relation (source_id, external_key);
-- Question: what is recorded of this party?
CREATE INDEX party_relation_party ON party_relation (party_id);
-- Question: who relates to this party?
CREATE INDEX party_relation_other ON party_relation (other_id);

-- Who of the organiser's staff looks after a customer.
CREATE TABLE account_owner (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  series TEXT COLLATE "C",
  staff_id BIGINT NOT NULL,
  staff_record_id BIGINT NOT NULL,
  valid_from BIGINT,
  valid_to BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX account_owner_key ON account_owner (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX account_owner_customer ON account_owner (customer_id);
-- Question: whom does this member of staff look after?
CREATE INDEX account_owner_staff ON account_owner (staff_id);

-- A customer took part in an edition: one row per customer, edition and role (map row B4).
CREATE TABLE participation (
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  edition_id BIGINT NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  at BIGINT,
  area BIGINT,
  list_price BIGINT,
  net BIGINT,
  currency TEXT COLLATE "C",
  hall TEXT COLLATE "C",
  stand TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT,
  PRIMARY KEY (customer_id, edition_id, role, customer_record_id)
);

-- A customer booked a product for an edition.
CREATE TABLE booking (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  payer_id BIGINT,
  payer_record_id BIGINT,
  agent_id BIGINT,
  agent_record_id BIGINT,
  parent TEXT COLLATE "C",
  edition_id BIGINT NOT NULL,
  product TEXT COLLATE "C" NOT NULL,
  hall TEXT COLLATE "C",
  stand TEXT COLLATE "C",
  stand_type TEXT COLLATE "C",
  area BIGINT,
  price_tier TEXT COLLATE "C",
  list_price BIGINT,
  discount BIGINT,
  discount_reason TEXT COLLATE "C",
  net BIGINT,
  currency TEXT COLLATE "C",
  contract TEXT COLLATE "C",
  contract_editions BIGINT,
  at BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  booking_id BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT COLLATE "C",
  fee BIGINT,
  currency TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX booking_status_key ON booking_status (source_id, external_key);
-- Question: how did this booking go?
CREATE INDEX booking_status_booking ON booking_status (booking_id);

-- A person was at an edition on a day (map row B11).
CREATE TABLE visit (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  person_id BIGINT NOT NULL,
  person_record_id BIGINT NOT NULL,
  organization_id BIGINT,
  organization_record_id BIGINT,
  edition_id BIGINT NOT NULL,
  day BIGINT NOT NULL,
  first_scan BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  edition_id BIGINT,
  at BIGINT NOT NULL,
  revenue BIGINT,
  discount BIGINT,
  product_cost BIGINT,
  indirect_cost BIGINT,
  currency TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX transaction_entry_key ON transaction_entry (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX transaction_entry_customer ON transaction_entry (customer_id);

-- The organiser's effort: one contact with a customer (map row B3).
CREATE TABLE interaction (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  person_id BIGINT,
  person_record_id BIGINT,
  author_id BIGINT,
  author_record_id BIGINT,
  edition_id BIGINT,
  direction TEXT COLLATE "C",
  at BIGINT NOT NULL,
  place TEXT COLLATE "C",
  method TEXT COLLATE "C" NOT NULL,
  campaign TEXT COLLATE "C",
  cost BIGINT,
  currency TEXT COLLATE "C",
  offer TEXT COLLATE "C",
  next_step TEXT COLLATE "C",
  note TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  person_id BIGINT,
  person_record_id BIGINT,
  edition_id BIGINT,
  survey TEXT COLLATE "C" NOT NULL,
  wave TEXT COLLATE "C",
  question TEXT COLLATE "C" NOT NULL,
  dimension TEXT COLLATE "C",
  vendor_id BIGINT,
  vendor_record_id BIGINT,
  expected BIGINT,
  perceived BIGINT,
  score BIGINT,
  rival_score BIGINT,
  comment TEXT COLLATE "C",
  at BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  person_id BIGINT,
  person_record_id BIGINT,
  edition_id BIGINT,
  hall TEXT COLLATE "C",
  stand TEXT COLLATE "C",
  vendor_id BIGINT,
  vendor_record_id BIGINT,
  channel TEXT COLLATE "C",
  category TEXT COLLATE "C",
  cause TEXT COLLATE "C",
  severity TEXT COLLATE "C",
  opened BIGINT NOT NULL,
  due BIGINT,
  first_answer BIGINT,
  resolved BIGINT,
  outcome TEXT COLLATE "C",
  claim BIGINT,
  currency TEXT COLLATE "C",
  note TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  referrer_id BIGINT NOT NULL,
  referrer_record_id BIGINT NOT NULL,
  referred_id BIGINT NOT NULL,
  referred_record_id BIGINT NOT NULL,
  edition_id BIGINT,
  code TEXT COLLATE "C",
  at BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX referral_key ON referral (source_id, external_key);
-- Question: whom did this customer recommend?
CREATE INDEX referral_referrer ON referral (referrer_id);
-- Question: who recommended this customer?
CREATE INDEX referral_referred ON referral (referred_id);

-- What a customer spends with others (map row B2).
CREATE TABLE rival_dealing (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  customer_id BIGINT NOT NULL,
  customer_record_id BIGINT NOT NULL,
  rival TEXT COLLATE "C" NOT NULL,
  product TEXT COLLATE "C",
  day BIGINT NOT NULL,
  area BIGINT,
  spend BIGINT,
  currency TEXT COLLATE "C",
  evidence TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX rival_dealing_key ON rival_dealing (source_id, external_key);
-- Question: what happened with this customer?
CREATE INDEX rival_dealing_customer ON rival_dealing (customer_id);

-- What a party likes or needs (map row B12).
CREATE TABLE preference (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  party_id BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  confirmed BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX preference_key ON preference (source_id, external_key);
-- Question: what is recorded of this party?
CREATE INDEX preference_party ON preference (party_id);

-- A person agreed to be written to about a topic.
CREATE TABLE consent (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  person_id BIGINT NOT NULL,
  person_record_id BIGINT NOT NULL,
  topic TEXT COLLATE "C" NOT NULL,
  medium TEXT COLLATE "C" NOT NULL,
  legal_basis TEXT COLLATE "C" NOT NULL,
  wording TEXT COLLATE "C",
  proof TEXT COLLATE "C",
  given BIGINT NOT NULL,
  withdrawn BIGINT,
  expires BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX consent_key ON consent (source_id, external_key);
-- Question: what is recorded of this person?
CREATE INDEX consent_person ON consent (person_id);

-- An address that must not be written to; only its keyed hash is held.
CREATE TABLE suppression (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  medium TEXT COLLATE "C" NOT NULL,
  address_hash TEXT COLLATE "C" NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  at BIGINT,
  expires BIGINT,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX suppression_key ON suppression (source_id, external_key);

-- What one unit of a currency was worth in another on a day.
CREATE TABLE exchange_rate (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  valid_from TEXT COLLATE "C" NOT NULL,
  valid_to TEXT COLLATE "C" NOT NULL,
  day BIGINT NOT NULL,
  rate BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
-- Question: which row has this key in this source (so that importing twice changes nothing)?
CREATE UNIQUE INDEX exchange_rate_key ON exchange_rate (source_id, external_key);

-- A party on a hand-picked list.
CREATE TABLE list_member (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL,
  external_key TEXT COLLATE "C" NOT NULL,
  list TEXT COLLATE "C" NOT NULL,
  party_id BIGINT NOT NULL,
  party_record_id BIGINT NOT NULL,
  reason TEXT COLLATE "C",
  digest BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  withdrawn_at BIGINT
);
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
