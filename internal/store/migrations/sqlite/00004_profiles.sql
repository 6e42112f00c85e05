-- Profiles: what follows from facts, and what it follows from beside them. The
-- tables of version 3 were empty and of no program's use; they are made anew.

-- +goose Up
DROP TABLE customer_profile;
DROP TABLE customer_series_profile;

-- Question: what is this customer worth, and how do they stand? One row each. The
-- columns are internal/customer.CustomerMeasures.
CREATE TABLE customer_profile (
  customer_id INTEGER NOT NULL PRIMARY KEY,
  -- Counts refreshes: the one that changed this row last.
  generation INTEGER NOT NULL,
  -- When a figure changes by the passing of time alone.
  next_change_at INTEGER,
  kind TEXT NOT NULL,
  country TEXT,
  roles INTEGER NOT NULL,
  first_participation INTEGER,
  last_participation INTEGER,
  participations INTEGER NOT NULL,
  consecutive_editions INTEGER,
  missed_editions INTEGER,
  eligible_editions INTEGER,
  eligible_participations INTEGER,
  window_eligible_editions INTEGER,
  window_participations INTEGER,
  co_exhibitions INTEGER NOT NULL,
  no_shows INTEGER NOT NULL,
  cancellations INTEGER NOT NULL,
  booth_area INTEGER,
  previous_booth_area INTEGER,
  booking_lead_days INTEGER,
  previous_booking_lead_days INTEGER,
  purchases INTEGER NOT NULL,
  first_purchase INTEGER,
  last_purchase INTEGER,
  revenue INTEGER,
  discount INTEGER,
  booked_revenue INTEGER,
  product_cost INTEGER,
  indirect_cost INTEGER,
  estimated_cost INTEGER,
  contact_cost INTEGER,
  uncosted_revenue INTEGER,
  net_profit INTEGER,
  unconverted_amounts INTEGER NOT NULL,
  relationship_since INTEGER,
  spend_last_year INTEGER,
  spend_two_years_ago INTEGER,
  spend_three_years_ago INTEGER,
  rival_spend_last_year INTEGER,
  rival_spend_two_years_ago INTEGER,
  rival_spend_three_years_ago INTEGER,
  rival_shows INTEGER,
  contacts INTEGER NOT NULL,
  last_contact INTEGER,
  contacts30_days INTEGER NOT NULL,
  contacts_year INTEGER NOT NULL,
  contacts_year_before INTEGER NOT NULL,
  meetings_year INTEGER NOT NULL,
  contact_persons INTEGER NOT NULL,
  contact_departments INTEGER NOT NULL,
  last_feedback INTEGER,
  satisfaction_gap INTEGER,
  satisfaction_dimensions INTEGER NOT NULL,
  own_rating INTEGER,
  rival_rating INTEGER,
  rated_dimensions INTEGER NOT NULL,
  net_promoter_score INTEGER,
  complaints INTEGER NOT NULL,
  open_complaints INTEGER NOT NULL,
  last_complaint INTEGER,
  referrals INTEGER NOT NULL,
  referrers INTEGER NOT NULL,
  preferences INTEGER NOT NULL
) STRICT;
-- Question: who changed since this generation?
CREATE INDEX customer_profile_generation ON customer_profile (generation);
-- Question: whose figures change by now without any fact?
CREATE INDEX customer_profile_next_change ON customer_profile (next_change_at) WHERE next_change_at IS NOT NULL;

-- How a customer stands with one series in one role: SeriesMeasures.
CREATE TABLE customer_series_profile (
  customer_id INTEGER NOT NULL,
  series TEXT NOT NULL,
  role TEXT NOT NULL,
  generation INTEGER NOT NULL,
  first_edition TEXT,
  last_edition TEXT,
  first_participation INTEGER,
  last_participation INTEGER,
  participations INTEGER NOT NULL,
  consecutive_editions INTEGER,
  missed_editions INTEGER,
  eligible_editions INTEGER,
  eligible_participations INTEGER,
  window_eligible_editions INTEGER,
  window_participations INTEGER,
  co_exhibitions INTEGER NOT NULL,
  no_shows INTEGER NOT NULL,
  cancellations INTEGER NOT NULL,
  booth_area INTEGER,
  previous_booth_area INTEGER,
  booking_lead_days INTEGER,
  previous_booking_lead_days INTEGER,
  next_edition TEXT,
  next_status TEXT,
  revenue INTEGER,
  discount INTEGER,
  booked_revenue INTEGER,
  product_cost INTEGER,
  indirect_cost INTEGER,
  estimated_cost INTEGER,
  contact_cost INTEGER,
  uncosted_revenue INTEGER,
  net_profit INTEGER,
  unconverted_amounts INTEGER NOT NULL,
  complaints INTEGER NOT NULL,
  open_complaints INTEGER NOT NULL,
  net_promoter_score INTEGER,
  PRIMARY KEY (customer_id, series, role)
) STRICT, WITHOUT ROWID;
-- Question: who are the customers of this series?
CREATE INDEX customer_series_profile_series ON customer_series_profile (series, role, customer_id);

-- What a customer answered last in one dimension: DimensionMeasures.
CREATE TABLE customer_dimension_profile (
  customer_id INTEGER NOT NULL,
  dimension TEXT NOT NULL,
  generation INTEGER NOT NULL,
  expected INTEGER,
  perceived INTEGER,
  score INTEGER,
  rival_score INTEGER,
  at INTEGER NOT NULL,
  PRIMARY KEY (customer_id, dimension)
) STRICT, WITHOUT ROWID;

-- What a customer prefers, one value for each name: PreferenceMeasures.
CREATE TABLE customer_preference (
  customer_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  generation INTEGER NOT NULL,
  value TEXT NOT NULL,
  confirmed INTEGER,
  PRIMARY KEY (customer_id, name)
) STRICT, WITHOUT ROWID;

-- How far profiles are. One row, from the first refresh on.
CREATE TABLE profile_state (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  generation INTEGER NOT NULL,
  -- When a refresh last changed something.
  refreshed_at INTEGER NOT NULL
) STRICT;

-- What one minor unit of a currency is worth in minor units of the reporting
-- currency, times 10^12, from a day on: follows from exchange_rate. The primary key
-- answers: which rate holds on this day?
CREATE TABLE conversion (
  currency TEXT NOT NULL,
  day INTEGER NOT NULL,
  factor INTEGER NOT NULL,
  PRIMARY KEY (currency, day)
) STRICT, WITHOUT ROWID;

-- What an Exhibition declares about its edition. Its dates stand before those that
-- were imported.
CREATE TABLE edition_declaration (
  edition_id INTEGER NOT NULL PRIMARY KEY,
  opens INTEGER NOT NULL,
  closes INTEGER NOT NULL,
  -- Costs where none are booked: per square metre, in minor units, and in percent of
  -- revenue after discount.
  area_cost INTEGER,
  currency TEXT,
  indirect_percent INTEGER
) STRICT;

-- For how many months a relationship is expected to last.
ALTER TABLE store ADD COLUMN expected_relationship_months INTEGER NOT NULL DEFAULT 48;

-- When parties were marked, so that it is seen how far behind profiles are.
ALTER TABLE change_mark ADD COLUMN at INTEGER;

-- All profiles are computed for the first time: -1 is everybody, -2 the rates.
INSERT INTO change_mark (parties) VALUES ('[-1,-2]');

-- A program of version 3 would change rates and merge parties without the marks that
-- profiles need.
INSERT INTO schema_version (version, min_compatible) VALUES (4, 4);
