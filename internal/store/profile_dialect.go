package store

import (
	"database/sql"
	"fmt"
	"math/big"
)

func (postgres) lockRefresh(t *transaction) error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1)`, int64(refreshLock))
	return err
}

func (postgres) lockPortion(t *transaction) error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock_shared($1)`, int64(refreshLock))
	return err
}

func (postgres) lockGeneration(t *transaction) error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1)`, int64(generationLock))
	return err
}

func (postgres) lockSegments(t *transaction) error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1)`, int64(segmentLock))
	return err
}

func (postgres) joinsFull() bool { return true }

func (postgres) textOf(object, name string) string {
	return "(CAST(" + object + " AS json) ->> '" + name + "')"
}

func (postgres) digest(customer, class string) string {
	return "coalesce(bit_xor(hashint8extended(" + customer + ", CASE WHEN " + class + " = '' THEN 0 ELSE hashtextextended(" + class + ", 0) END)), 0)"
}

func (postgres) count(t *transaction, table string) error {
	if _, err := t.exec("ANALYZE " + table); err != nil {
		return fmt.Errorf("counting %s: %w", table, err)
	}
	return nil
}

// rebuilders: as many processes as PostgreSQL itself, unless told otherwise, gives a
// query that it works on at once.
func (postgres) rebuilders() int { return 2 }

func (postgres) oneState() *sql.TxOptions { return &sql.TxOptions{Isolation: sql.LevelRepeatableRead} }

// marksAtOnce: a hundred thousand parties, whose facts are sorted in memory.
func (postgres) marksAtOnce() int { return 500 }

func (postgres) takeMarks() string {
	return `DELETE FROM change_mark WHERE ctid = ANY (ARRAY(SELECT ctid FROM change_mark LIMIT $1)) RETURNING parties`
}

func (postgres) passLocked() string { return " FOR UPDATE SKIP LOCKED" }

func (postgres) onCommitDrop() string { return " ON COMMIT DROP" }

func (postgres) dropTemporary(*transaction, []string) error { return nil }

// manyParties are so many that a computation over all of the facts is likely.
const manyParties = 20_000

// planFor counts what is in the table: without, the server guesses.
func (p postgres) planFor(t *transaction, parties int64, table string) error {
	if table == "refresh_touched" {
		memory, hashes := "32MB", "on"
		if parties > manyParties {
			// Groups of a few rows each, of which there are as many as customers, are
			// made faster by sorting.
			memory, hashes = "256MB", "off"
		}
		// Compiling takes longer than all the rest of a small refresh.
		// Facts are in memory if anywhere, and a rough count will do.
		if _, err := t.exec(`SELECT set_config('work_mem', $1, true), set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true),
			set_config('default_statistics_target', '10', true), set_config('enable_hashagg', $2, true)`, memory, hashes); err != nil {
			return fmt.Errorf("preparing a refresh: %w", err)
		}
	}
	return p.count(t, table)
}

func (p postgres) planAudience(t *transaction) error {
	// Compiling takes longer than an audience of ten thousands, and what does not fit is
	// sorted on the disk.
	if _, err := t.exec(`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`); err != nil {
		return err
	}
	var grown []string
	err := t.query(func(rows *sql.Rows) error {
		var table string
		err := rows.Scan(&table)
		grown = append(grown, table)
		return err
	}, grownTables)
	if err != nil {
		return fmt.Errorf("finding what has grown: %w", err)
	}
	for _, table := range grown {
		if err := p.count(t, table); err != nil {
			return err
		}
	}
	return nil
}

// grownTables are the tables that have filled since the server counted them, which it does about every
// minute by itself: until then it plans for few rows, and may go through all of them for each.
const grownTables = `SELECT quote_ident(c.relname) FROM pg_class c
	WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE')
		AND pg_relation_size(c.oid) >= 8 * current_setting('block_size')::bigint
		AND (c.reltuples <= 0 OR pg_relation_size(c.oid) >= 4 * c.relpages * current_setting('block_size')::bigint)
	ORDER BY 1`

func (postgres) onceEach() string { return " OFFSET 0" }

func (postgres) byCodePoint() string { return ` COLLATE "C"` }

func (postgres) attributes(party string) string { return "CAST(" + party + ".attributes AS json)" }

func (postgres) total() string { return "total" }

func (postgres) least() string { return "least" }

func (postgres) keyedHash(inner, outer, text string) string {
	return "encode(sha256(CAST(" + outer + " AS BYTEA) || sha256(CAST(" + inner + " AS BYTEA) || convert_to(" + text + ", 'UTF8'))), 'hex')"
}

// lockRefresh does nothing: every transaction of SQLite begins as the only writer.
func (sqlite) lockRefresh(*transaction) error { return nil }

func (s sqlite) lockPortion(t *transaction) error { return s.lockRefresh(t) }

func (s sqlite) lockGeneration(t *transaction) error { return s.lockRefresh(t) }

func (s sqlite) lockSegments(t *transaction) error { return s.lockRefresh(t) }

// joinsFull: SQLite goes through one side for each row of the other.
func (sqlite) joinsFull() bool { return false }

func (sqlite) textOf(object, name string) string { return "(" + object + " ->> '" + name + "')" }

// digest: SQLite has no aggregate for it.
func (sqlite) digest(string, string) string { return "" }

func (sqlite) count(*transaction, string) error { return nil }

func (sqlite) rebuilders() int { return 1 }

// oneState: there is no other writer meanwhile.
func (sqlite) oneState() *sql.TxOptions { return nil }

// marksAtOnce: ten thousand parties, which are computed in memory while all other
// writers wait.
func (sqlite) marksAtOnce() int { return 50 }

func (sqlite) takeMarks() string {
	return `DELETE FROM change_mark WHERE rowid IN (SELECT rowid FROM change_mark LIMIT $1) RETURNING parties`
}

// passLocked: there is one writer.
func (sqlite) passLocked() string { return "" }

func (sqlite) onCommitDrop() string { return "" }

func (sqlite) dropTemporary(t *transaction, tables []string) error {
	for _, table := range tables {
		if _, err := t.exec("DROP TABLE IF EXISTS temp." + table); err != nil {
			return fmt.Errorf("dropping %s: %w", table, err)
		}
	}
	return nil
}

// planFor gives the tables that are compared with stored ones an index: without,
// every stored row would be looked for from the first to the last.
func (sqlite) planAudience(*transaction) error { return nil }

func (sqlite) planFor(t *transaction, _ int64, table string) error {
	for _, profile := range profileTables {
		if profile.fresh != table {
			continue
		}
		keys := append([]string{"customer_id"}, profile.keys...)
		if _, err := t.exec("CREATE UNIQUE INDEX temp." + table + "_key ON " + table + " (" + list("", keys) + ")"); err != nil {
			return fmt.Errorf("preparing %s: %w", table, err)
		}
	}
	return nil
}

func (sqlite) onceEach() string { return " LIMIT -1 OFFSET 0" }

func (sqlite) byCodePoint() string { return " COLLATE BINARY" }

func (sqlite) attributes(party string) string { return party + ".attributes" }

// total: SQLite's own total gives a floating point number.
func (sqlite) total() string { return "sum" }

func (sqlite) least() string { return "min" }

func (sqlite) keyedHash(inner, outer, text string) string {
	return "keyed_hash(" + inner + ", " + outer + ", " + text + ")"
}

// converted is an amount times a factor in units of 10^-12, rounded half away from
// zero, if it fits an amount.
func converted(amount, factor int64) (result int64, fits bool) {
	product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(factor))
	half := big.NewInt(factorUnit / 2)
	if product.Sign() < 0 {
		half.Neg(half)
	}
	product.Quo(product.Add(product, half), big.NewInt(factorUnit))
	return product.Int64(), product.IsInt64() && product.CmpAbs(big.NewInt(1<<53)) < 0
}
