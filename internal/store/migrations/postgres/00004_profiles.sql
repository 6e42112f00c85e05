-- Profiles: what follows from facts, and what it follows from beside them. The
-- tables of version 3 were empty and of no program's use; they are made anew.

-- +goose Up
DROP TABLE customer_profile;
DROP TABLE customer_series_profile;

-- Question: what is this customer worth, and how do they stand? One row each. The
-- columns are internal/customer.CustomerMeasures.
CREATE TABLE customer_profile (
  customer_id BIGINT NOT NULL PRIMARY KEY,
  -- Counts refreshes: the one that changed this row last.
  generation BIGINT NOT NULL,
  -- When a figure changes by the passing of time alone.
  next_change_at BIGINT,
  kind TEXT COLLATE "C" NOT NULL,
  country TEXT COLLATE "C",
  roles BIGINT NOT NULL,
  first_participation BIGINT,
  last_participation BIGINT,
  participations BIGINT NOT NULL,
  consecutive_editions BIGINT,
  missed_editions BIGINT,
  eligible_editions BIGINT,
  eligible_participations BIGINT,
  window_eligible_editions BIGINT,
  window_participations BIGINT,
  co_exhibitions BIGINT NOT NULL,
  no_shows BIGINT NOT NULL,
  cancellations BIGINT NOT NULL,
  booth_area BIGINT,
  previous_booth_area BIGINT,
  booking_lead_days BIGINT,
  previous_booking_lead_days BIGINT,
  purchases BIGINT NOT NULL,
  first_purchase BIGINT,
  last_purchase BIGINT,
  revenue BIGINT,
  discount BIGINT,
  booked_revenue BIGINT,
  product_cost BIGINT,
  indirect_cost BIGINT,
  estimated_cost BIGINT,
  contact_cost BIGINT,
  uncosted_revenue BIGINT,
  net_profit BIGINT,
  unconverted_amounts BIGINT NOT NULL,
  relationship_since BIGINT,
  spend_last_year BIGINT,
  spend_two_years_ago BIGINT,
  spend_three_years_ago BIGINT,
  rival_spend_last_year BIGINT,
  rival_spend_two_years_ago BIGINT,
  rival_spend_three_years_ago BIGINT,
  rival_shows BIGINT,
  contacts BIGINT NOT NULL,
  last_contact BIGINT,
  contacts30_days BIGINT NOT NULL,
  contacts_year BIGINT NOT NULL,
  contacts_year_before BIGINT NOT NULL,
  meetings_year BIGINT NOT NULL,
  contact_persons BIGINT NOT NULL,
  contact_departments BIGINT NOT NULL,
  last_feedback BIGINT,
  satisfaction_gap BIGINT,
  satisfaction_dimensions BIGINT NOT NULL,
  own_rating BIGINT,
  rival_rating BIGINT,
  rated_dimensions BIGINT NOT NULL,
  net_promoter_score BIGINT,
  complaints BIGINT NOT NULL,
  open_complaints BIGINT NOT NULL,
  last_complaint BIGINT,
  referrals BIGINT NOT NULL,
  referrers BIGINT NOT NULL,
  preferences BIGINT NOT NULL
);
-- Question: who changed since this generation?
CREATE INDEX customer_profile_generation ON customer_profile (generation);
-- Question: whose figures change by now without any fact?
CREATE INDEX customer_profile_next_change ON customer_profile (next_change_at) WHERE next_change_at IS NOT NULL;

-- How a customer stands with one series in one role: SeriesMeasures.
CREATE TABLE customer_series_profile (
  customer_id BIGINT NOT NULL,
  series TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  first_edition TEXT COLLATE "C",
  last_edition TEXT COLLATE "C",
  first_participation BIGINT,
  last_participation BIGINT,
  participations BIGINT NOT NULL,
  consecutive_editions BIGINT,
  missed_editions BIGINT,
  eligible_editions BIGINT,
  eligible_participations BIGINT,
  window_eligible_editions BIGINT,
  window_participations BIGINT,
  co_exhibitions BIGINT NOT NULL,
  no_shows BIGINT NOT NULL,
  cancellations BIGINT NOT NULL,
  booth_area BIGINT,
  previous_booth_area BIGINT,
  booking_lead_days BIGINT,
  previous_booking_lead_days BIGINT,
  next_edition TEXT COLLATE "C",
  next_status TEXT COLLATE "C",
  revenue BIGINT,
  discount BIGINT,
  booked_revenue BIGINT,
  product_cost BIGINT,
  indirect_cost BIGINT,
  estimated_cost BIGINT,
  contact_cost BIGINT,
  uncosted_revenue BIGINT,
  net_profit BIGINT,
  unconverted_amounts BIGINT NOT NULL,
  complaints BIGINT NOT NULL,
  open_complaints BIGINT NOT NULL,
  net_promoter_score BIGINT,
  PRIMARY KEY (customer_id, series, role)
);
-- Question: who are the customers of this series?
CREATE INDEX customer_series_profile_series ON customer_series_profile (series, role, customer_id);

-- What a customer answered last in one dimension: DimensionMeasures.
CREATE TABLE customer_dimension_profile (
  customer_id BIGINT NOT NULL,
  dimension TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  expected BIGINT,
  perceived BIGINT,
  score BIGINT,
  rival_score BIGINT,
  at BIGINT NOT NULL,
  PRIMARY KEY (customer_id, dimension)
);

-- What a customer prefers, one value for each name: PreferenceMeasures.
CREATE TABLE customer_preference (
  customer_id BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  confirmed BIGINT,
  PRIMARY KEY (customer_id, name)
);

-- How far profiles are. One row, from the first refresh on.
CREATE TABLE profile_state (
  one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  generation BIGINT NOT NULL,
  -- When a refresh last changed something.
  refreshed_at BIGINT NOT NULL
);

-- What one minor unit of a currency is worth in minor units of the reporting
-- currency, times 10^12, from a day on: follows from exchange_rate. The primary key
-- answers: which rate holds on this day?
CREATE TABLE conversion (
  currency TEXT COLLATE "C" NOT NULL,
  day BIGINT NOT NULL,
  factor BIGINT NOT NULL,
  PRIMARY KEY (currency, day)
);

-- What an Exhibition declares about its edition. Its dates stand before those that
-- were imported.
CREATE TABLE edition_declaration (
  edition_id BIGINT NOT NULL PRIMARY KEY,
  opens BIGINT NOT NULL,
  closes BIGINT NOT NULL,
  -- Costs where none are booked: per square metre, in minor units, and in percent of
  -- revenue after discount.
  area_cost BIGINT,
  currency TEXT COLLATE "C",
  indirect_percent BIGINT
);

-- For how many months a relationship is expected to last.
ALTER TABLE store ADD COLUMN expected_relationship_months BIGINT NOT NULL DEFAULT 48;

-- When parties were marked, so that it is seen how far behind profiles are.
ALTER TABLE change_mark ADD COLUMN at BIGINT;

-- An amount times a factor of conversion, rounded half away from zero; NULL where
-- it does not fit. What is not huge is computed in parts that fit an integer, which
-- takes a tenth of the time. SQLite has it from the program.
-- +goose StatementBegin
CREATE FUNCTION converted(amount BIGINT, factor BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN abs(amount) < 9000000000000 AND factor < 1000000000000000 THEN
      CASE WHEN amount < 0 THEN -1 ELSE 1 END * (abs(amount) * (factor / 1000000000000) + abs(amount) / 1000000 * (factor % 1000000000000) / 1000000
        + (abs(amount) / 1000000 * (factor % 1000000000000) % 1000000 * 1000000 + abs(amount) % 1000000 * (factor % 1000000000000) + 500000000000) / 1000000000000)
    WHEN abs(round(amount::numeric * factor / 1000000000000)) < 9007199254740992 THEN round(amount::numeric * factor / 1000000000000)::bigint
  END
$$;
-- +goose StatementEnd

-- The sum of integers as an integer: the server's own sum of them keeps a number of
-- any length for every group.
CREATE AGGREGATE total(BIGINT) (SFUNC = int8pl, STYPE = BIGINT, COMBINEFUNC = int8pl, PARALLEL = SAFE);

-- All profiles are computed for the first time: -1 is everybody, -2 the rates.
INSERT INTO change_mark (parties) VALUES ('[-1,-2]');

-- A program of version 3 would change rates and merge parties without the marks that
-- profiles need.
INSERT INTO schema_version (version, min_compatible) VALUES (4, 4);
