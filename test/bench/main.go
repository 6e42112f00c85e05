// Command bench measures imports against PostgreSQL's own COPY, in one run on one
// machine, and prints ratios. It is run by make bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/fairlead/fairlead/test/postgres"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	do := run
	if task := os.Getenv(sideVariable); task != "" {
		do = func(ctx context.Context) error { return beSide(ctx, task) }
	}
	err := do(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// figures of one run.
type figures struct {
	bare, imported, again, sqlite time.Duration
	// memory is the peak of the importing process, in bytes; also on SQLite.
	memory, sqliteMemory int64
}

func run(ctx context.Context) error {
	program := flag.String("fairlead", "dist/bench/fairlead", "the program to measure")
	folder := flag.String("folder", "", "folder for files and databases (default: a temporary one)")
	runs := flag.Int("runs", 5, "runs of every size")
	sizes := flag.String("rows", "100000,300000,1000000", "numbers of rows, separated by commas")
	withSQLite := flag.Bool("sqlite", true, "measure SQLite too")
	profiles := flag.String("customers", "100000,1000000,3000000", "numbers of customers whose profiles are computed, separated by commas")
	profilesOnSQLite := flag.Int("customers-on-sqlite", 100_000, "the same on SQLite; 0 for none")
	recipients := flag.Int("recipients", 100_000, "number of recipients that a run is sent to; 0 for none")
	frozen := flag.Int("frozen", 1_000_000, "number of customers of which an audience is frozen; 0 for none")
	idle := flag.Int("idle", 1_000, "numbers of CampaignRules and of CustomerSegments that an idle manager has; 0 for none")
	span := flag.Duration("idle-span", 2*time.Minute, "how long the idle manager is measured")
	profile := flag.String("cpuprofile", "", "file for a profile of the worker that sent last (default: none)")
	flag.Parse()

	dir, err := os.MkdirTemp(*folder, "fairlead-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// A server as production runs it: what is committed is on the disk.
	server, err := postgres.Start(ctx, postgres.Setting("fsync", "on"), postgres.Setting("shared_buffers", "1GB"), postgres.Setting("max_wal_size", "8GB"))
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()

	if *recipients > 0 {
		if err := benchSending(ctx, server, *recipients, *runs, *profile); err != nil {
			return fmt.Errorf("sending: %w", err)
		}
	}
	if *frozen > 0 {
		if err := benchFreezing(ctx, server, *frozen, *runs); err != nil {
			return fmt.Errorf("freezing: %w", err)
		}
	}
	if *idle > 0 {
		if err := benchIdle(ctx, server, *program, dir, *idle, *span, *runs); err != nil {
			return fmt.Errorf("the idle manager: %w", err)
		}
	}
	if *sizes != "" {
		if err := benchImports(ctx, server, *program, dir, *sizes, *runs, *withSQLite); err != nil {
			return err
		}
	}
	if *profiles == "" && *profilesOnSQLite == 0 {
		return nil
	}
	var customers []int
	for _, size := range strings.FieldsFunc(*profiles, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("-customers %q: %w", *profiles, err)
		}
		customers = append(customers, n)
	}
	return benchProfiles(ctx, server, dir, customers, *profilesOnSQLite, *runs)
}

// benchImports measures imports at several sizes and prints a table.
func benchImports(ctx context.Context, server *postgres.Server, program, dir, sizes string, runs int, withSQLite bool) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(os.Stdout, "Import of participations: ratios to COPY of the same file into a bare table, minimum / median / maximum of", runs, "runs")
	fmt.Fprintln(table, "rows\tCOPY, s\timport\tsame again\tSQLite\tpeak memory, MiB\ton SQLite\t")
	for _, size := range strings.Split(sizes, ",") {
		rows, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("-rows %q: %w", sizes, err)
		}
		b := &bench{program: program, dir: dir, server: server, rows: rows, sqlite: withSQLite}
		if err := b.writeFiles(); err != nil {
			return err
		}
		var all []figures
		for n := range runs {
			f, err := b.once(ctx)
			if err != nil {
				return fmt.Errorf("%d rows: %w", rows, err)
			}
			all = append(all, f)
			fmt.Fprintf(os.Stderr, "%d rows, run %d: COPY %.2f s, import %.2f s, again %.2f s, SQLite %.2f s\n",
				rows, n+1, f.bare.Seconds(), f.imported.Seconds(), f.again.Seconds(), f.sqlite.Seconds())
		}
		ratio := func(of func(figures) time.Duration) string {
			return spread(all, func(f figures) float64 { return of(f).Seconds() / f.bare.Seconds() }, 2)
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", rows,
			spread(all, func(f figures) float64 { return f.bare.Seconds() }, 2),
			ratio(func(f figures) time.Duration { return f.imported }),
			ratio(func(f figures) time.Duration { return f.again }),
			ratio(func(f figures) time.Duration { return f.sqlite }),
			spread(all, func(f figures) float64 { return float64(f.memory) / (1 << 20) }, 0),
			spread(all, func(f figures) float64 { return float64(f.sqliteMemory) / (1 << 20) }, 0))
	}
	return table.Flush()
}

// spread is the minimum, the median and the maximum.
func spread[T any](all []T, of func(T) float64, digits int) string {
	values := make([]float64, len(all))
	for i, f := range all {
		values[i] = of(f)
	}
	slices.Sort(values)
	return fmt.Sprintf("%.*f / %.*f / %.*f", digits, values[0], digits, values[len(values)/2], digits, values[len(values)-1])
}
