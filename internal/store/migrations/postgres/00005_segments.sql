-- Segments: who belongs to which, how far each was evaluated, and what expressions
-- are computed with.

-- +goose Up
-- In which role a customer takes part in a series most.
ALTER TABLE customer_series_profile ADD COLUMN main BOOLEAN NOT NULL DEFAULT FALSE;

-- Whom refreshes looked at, as lists of numbers; -1 for everybody. The last few
-- hundred are kept. Question: who may have changed since?
CREATE TABLE refresh_log (
  sequence BIGINT NOT NULL,
  part BIGINT NOT NULL,
  parties TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (sequence, part)
);

-- How far a segment was evaluated.
CREATE TABLE segment (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- Digest of what it is; another one makes the next evaluation a baseline.
  definition TEXT COLLATE "C" NOT NULL,
  -- Number of the last baseline, which no other one has: members of before and after
  -- one are not to be compared.
  baseline BIGINT NOT NULL,
  -- Of refresh_log, and of the transitions of segments that it asks for, what it has
  -- seen.
  sequence BIGINT NOT NULL,
  transition BIGINT NOT NULL,
  -- The midnight in UTC of the day that it was evaluated for, where the day matters.
  day BIGINT NOT NULL,
  members BIGINT NOT NULL,
  -- Digest of members and classes, where the database computes one.
  digest BIGINT
);

-- What expressions are computed with: NULL where CEL has an error. SQLite has them
-- from the program.
-- +goose StatementBegin
CREATE FUNCTION whole_sum(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a::numeric + b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN a + b END
$$;
CREATE FUNCTION whole_difference(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a::numeric - b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN a - b END
$$;
CREATE FUNCTION whole_product(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a::numeric * b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN a * b END
$$;
CREATE FUNCTION whole_quotient(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN b = -1 AND a = (-9223372036854775808)::bigint THEN NULL ELSE a / nullif(b, 0) END
$$;
CREATE FUNCTION whole_remainder(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN b = -1 AND a = (-9223372036854775808)::bigint THEN NULL ELSE a % nullif(b, 0) END
$$;
CREATE FUNCTION decimal_product(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN round(a::numeric * b / 1000000) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN round(a::numeric * b / 1000000)::bigint END
$$;
CREATE FUNCTION decimal_quotient(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN b <> 0 AND abs(div(2 * abs(a::numeric) * 1000000 + abs(b::numeric), 2 * abs(b::numeric))) <= 9223372036854775807
    THEN (sign(a::numeric) * sign(b::numeric) * div(2 * abs(a::numeric) * 1000000 + abs(b::numeric), 2 * abs(b::numeric)))::bigint END
$$;
CREATE FUNCTION within(a BIGINT, lowest BIGINT, highest BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a BETWEEN lowest AND highest THEN a END
$$;
CREATE FUNCTION text_contains(a TEXT, b TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT strpos(a, b) > 0
$$;
CREATE FUNCTION text_ends(a TEXT, b TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT right(a, length(b)) = b
$$;
-- +goose StatementEnd

INSERT INTO change_mark (parties) VALUES ('[-1]');

-- A program of version 4 would refresh profiles without saying of whom.
INSERT INTO schema_version (version, min_compatible) VALUES (5, 5);
