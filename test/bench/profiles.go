package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

// profileBench measures profiles: a full rebuild against one statement for the ten
// commonest measures, and a refresh after some customers changed against the
// rebuild.
type profileBench struct {
	url, source, driver string
	customers           int
	store               *store.Store
	db                  *sql.DB
}

// profileFigures are those of one run.
type profileFigures struct{ bare, first, again, refresh time.Duration }

// changedCustomers is after how many changes a refresh is measured.
const changedCustomers = 1_000

// benchProfiles measures at several sizes and prints a table.
func benchProfiles(ctx context.Context, server *postgres.Server, dir string, sizes []int, sqliteSize, runs int) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(os.Stdout, "Profiles of customers with ten facts each: minimum / median / maximum of %d runs\n", runs)
	segments := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(segments, "customers\tcount, s\tfirst / count\tunchanged / count\tchanged / count\tafter 1,000, s\tchanged / after 1,000\t")
	programs := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(programs, "customers\tlots\tstatement, s\tfirst / statement\tafter 1,000, s\tfirst / after 1,000\t")
	fmt.Fprintln(table, "customers\tstatement, s\trebuild / statement\trebuild again / statement\trefresh of 1,000, s\trebuild / refresh\t")
	for _, customers := range sizes {
		url, err := server.CreateDatabase(ctx)
		if err != nil {
			return err
		}
		b := &profileBench{url: url, source: url, driver: "pgx", customers: customers}
		if err := b.measure(ctx, table, segments, programs, fmt.Sprint(customers), runs); err != nil {
			return fmt.Errorf("%d customers: %w", customers, err)
		}
	}
	if sqliteSize > 0 {
		path := filepath.Join(dir, "profiles.db")
		b := &profileBench{url: "sqlite://" + path, source: path, driver: "sqlite", customers: sqliteSize}
		if err := b.measure(ctx, table, segments, programs, fmt.Sprint(sqliteSize, ", SQLite"), runs); err != nil {
			return fmt.Errorf("SQLite, %d customers: %w", sqliteSize, err)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "\nA segment of these customers\n")
	if err := segments.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "\nA loyalty program of these customers, on PostgreSQL\n")
	return programs.Flush()
}

func (b *profileBench) measure(ctx context.Context, table, segments, programs *tabwriter.Writer, name string, runs int) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	defer func() { _ = b.store.Close(); _ = b.db.Close() }()
	if err := b.fill(ctx); err != nil {
		return err
	}
	var all []profileFigures
	var evaluated []segmentFigures
	var accrued []loyaltyFigures
	for n := range runs {
		f, err := b.once(ctx, n)
		if err != nil {
			return err
		}
		all = append(all, f)
		g, err := b.segment(ctx, n)
		if err != nil {
			return fmt.Errorf("a segment: %w", err)
		}
		evaluated = append(evaluated, g)
		if b.driver != "sqlite" {
			l, err := b.loyalty(ctx, n)
			if err != nil {
				return fmt.Errorf("a loyalty program: %w", err)
			}
			accrued = append(accrued, l)
			fmt.Fprintf(os.Stderr, "%s, run %d: %d lots by a statement %.2f s, first computation %.2f s, after 1,000 changed %.3f s\n",
				name, n+1, l.lots, l.bare.Seconds(), l.first.Seconds(), l.changed.Seconds())
		}
		fmt.Fprintf(os.Stderr, "%s, run %d: statement %.2f s, rebuild %.2f s, again %.2f s, refresh %.3f s\n",
			name, n+1, f.bare.Seconds(), f.first.Seconds(), f.again.Seconds(), f.refresh.Seconds())
	}
	fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\n", name,
		spread(all, func(f profileFigures) float64 { return f.bare.Seconds() }, 2),
		spread(all, func(f profileFigures) float64 { return f.first.Seconds() / f.bare.Seconds() }, 2),
		spread(all, func(f profileFigures) float64 { return f.again.Seconds() / f.bare.Seconds() }, 2),
		spread(all, func(f profileFigures) float64 { return f.refresh.Seconds() }, 3),
		spread(all, func(f profileFigures) float64 { return f.first.Seconds() / f.refresh.Seconds() }, 0))
	to := func(of func(segmentFigures) time.Duration) string {
		return spread(evaluated, func(f segmentFigures) float64 { return of(f).Seconds() / f.bare.Seconds() }, 2)
	}
	fmt.Fprintf(segments, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name,
		spread(evaluated, func(f segmentFigures) float64 { return f.bare.Seconds() }, 3),
		to(func(f segmentFigures) time.Duration { return f.baseline }),
		to(func(f segmentFigures) time.Duration { return f.unchanged }),
		to(func(f segmentFigures) time.Duration { return f.changed }),
		spread(evaluated, func(f segmentFigures) float64 { return f.incremental.Seconds() }, 3),
		spread(evaluated, func(f segmentFigures) float64 { return f.changed.Seconds() / f.incremental.Seconds() }, 0))
	if len(accrued) > 0 {
		fmt.Fprintf(programs, "%s\t%d\t%s\t%s\t%s\t%s\t\n", name, accrued[0].lots,
			spread(accrued, func(f loyaltyFigures) float64 { return f.bare.Seconds() }, 2),
			spread(accrued, func(f loyaltyFigures) float64 { return f.first.Seconds() / f.bare.Seconds() }, 2),
			spread(accrued, func(f loyaltyFigures) float64 { return f.changed.Seconds() }, 3),
			spread(accrued, func(f loyaltyFigures) float64 { return f.first.Seconds() / f.changed.Seconds() }, 0))
	}
	return nil
}

func (b *profileBench) open(ctx context.Context) (err error) {
	if b.store, err = store.Open(ctx, b.url, store.Options{Create: true}); err != nil {
		return err
	}
	if _, _, err = b.store.Migrate(ctx); err != nil {
		return err
	}
	if err = b.store.ReportIn(ctx, "EUR"); err != nil {
		return err
	}
	b.db, err = sql.Open(b.driver, b.source)
	return err
}

// once rebuilds from nothing, rebuilds again, and refreshes after changes.
func (b *profileBench) once(ctx context.Context, run int) (f profileFigures, err error) {
	steps := []struct {
		into *time.Duration
		do   func() error
	}{
		{&f.bare, func() error { return b.exec(ctx, statementOfTen) }},
		{&f.first, func() error { _, err := b.store.Rebuild(ctx, nil); return err }},
		{&f.again, func() error { _, err := b.store.Rebuild(ctx, nil); return err }},
		{&f.refresh, func() error { return b.refresh(ctx) }},
	}
	if err := b.exec(ctx, `DROP TABLE IF EXISTS bare`, bareProfiles,
		`DELETE FROM change_mark`, `DELETE FROM customer_profile`, `DELETE FROM customer_series_profile`, `DELETE FROM customer_dimension_profile`); err != nil {
		return f, err
	}
	for i, step := range steps {
		if i == len(steps)-1 {
			if err := b.change(ctx, run); err != nil {
				return f, err
			}
		}
		if err := b.settle(ctx); err != nil {
			return f, err
		}
		began := time.Now()
		if err := step.do(); err != nil {
			return f, err
		}
		*step.into = time.Since(began)
		if i == 1 {
			if err := b.agree(ctx); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// agree demands that profiles say what the statement said.
func (b *profileBench) agree(ctx context.Context) error {
	var differ int64
	if err := b.db.QueryRowContext(ctx, disagreement).Scan(&differ); err != nil {
		return fmt.Errorf("comparing profiles with the statement: %w", err)
	}
	if differ > 0 {
		return fmt.Errorf("profiles and the statement differ for %d customers", differ)
	}
	return nil
}

// refresh is one that has to find just the changed customers.
func (b *profileBench) refresh(ctx context.Context) error {
	done, err := b.store.Refresh(ctx)
	if err == nil && (done.Looked != changedCustomers || done.Changed != changedCustomers || done.More) {
		return fmt.Errorf("the refresh did %+v", done)
	}
	return err
}

// change gives every so many customers another transaction, and marks them.
func (b *profileBench) change(ctx context.Context, run int) error {
	apart := b.customers / changedCustomers
	return b.exec(ctx, `DELETE FROM change_mark`, fmt.Sprintf(`
		INSERT INTO transaction_entry (id, source_id, external_key, customer_id, customer_record_id, at, revenue, currency, digest, import_id)
		SELECT 1000000000 + %[1]d * 1000000 + n.n, 1, 'change-' || (%[1]d * 1000000 + n.n), n.n * %[2]d, n.n * %[2]d, 1767225600000, 100000, 'EUR', 0, 1
		FROM (%[3]s) n`, run, apart, b.numbers(changedCustomers)),
		marks(apart))
}

// marks are as an import writes them: lists of two hundred.
func marks(apart int) string {
	var lists []string
	for list := range slices.Chunk(slices.Collect(func(yield func(string) bool) {
		for n := range changedCustomers {
			if !yield(strconv.Itoa((n + 1) * apart)) {
				return
			}
		}
	}), 200) {
		lists = append(lists, "('["+strings.Join(list, ",")+"]')")
	}
	return `INSERT INTO change_mark (parties) VALUES ` + strings.Join(lists, ", ")
}

// settle lets the database be as it is after a while: counted and cleaned up.
func (b *profileBench) settle(ctx context.Context) error {
	if b.driver == "sqlite" {
		return b.exec(ctx, `ANALYZE`)
	}
	return b.exec(ctx, `VACUUM ANALYZE`)
}

func (b *profileBench) exec(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := b.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}
