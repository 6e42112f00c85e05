package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fairlead/fairlead/test/postgres"
)

// bench imports files of one size.
type bench struct {
	program, dir string
	server       *postgres.Server
	rows         int
	sqlite       bool
	csv, mapping string
}

// editions of the series that the rows are of. Half of the exhibitors come to each,
// so that ten participations are one exhibitor's.
const editions = 20

const mapping = `source: bench
entity: participation
columns:
- {column: key, field: customer.key}
- {column: name, field: customer.name}
- {column: country, field: customer.country}
- {column: series, field: series}
- {column: edition, field: edition}
- {column: role, field: role}
- {column: status, field: status}
- {column: registered, field: at}
- {column: area, field: area}
- {column: net, field: net}
- {column: currency, field: currency}
- {column: hall, field: hall}
- {column: stand, field: stand}
`

const bareTable = `CREATE TABLE bare (key text, name text, country text, series text, edition text, role text, status text,
  registered timestamptz, area numeric, net numeric, currency text, hall text, stand text)`

// writeFiles makes a list of exhibitors, edition after edition, of whom about
// half come each time: the same file for everybody.
func (b *bench) writeFiles() error {
	b.csv = filepath.Join(b.dir, fmt.Sprintf("participations-%d.csv", b.rows))
	b.mapping = filepath.Join(b.dir, "mapping.yaml")
	if err := os.WriteFile(b.mapping, []byte(mapping), 0o600); err != nil {
		return err
	}
	file, err := os.Create(b.csv)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "key,name,country,series,edition,role,status,registered,area,net,currency,hall,stand")
	random := rand.New(rand.NewPCG(1, 2))
	countries := []string{"GB", "DE", "FR", "US", "IT", "CN", "NL", "ES", "PL", "JP"}
	perEdition := b.rows / editions
	exhibitors := 2 * perEdition
	for edition := range editions {
		for _, i := range random.Perm(exhibitors)[:perEdition] {
			area := 9 + random.IntN(200)
			fmt.Fprintf(out, "E%07d,Exhibitor %d of %s Ltd,%s,Bench Fair,%d,Exhibitor,Attended,%d-%02d-%02dT%02d:%02d:00Z,%d.50,%d.00,EUR,Hall %d,%c%d\n",
				i, i, countries[i%len(countries)], countries[i%len(countries)], 2006+2*edition, 2005+2*edition, 1+random.IntN(12), 1+random.IntN(28),
				random.IntN(24), random.IntN(60), area, area*310, 1+random.IntN(12), 'A'+rune(random.IntN(8)), random.IntN(400))
		}
	}
	return errors.Join(out.Flush(), file.Close())
}

// once does everything once, each on a fresh database.
func (b *bench) once(ctx context.Context) (figures, error) {
	var f figures
	url, err := b.server.CreateDatabase(ctx)
	if err != nil {
		return f, err
	}
	if f.bare, err = b.copy(ctx, url); err != nil {
		return f, err
	}
	if _, _, err := b.fairlead(ctx, "migrate", "--store", url); err != nil {
		return f, err
	}
	if f.imported, f.memory, err = b.importInto(ctx, url, "new"); err != nil {
		return f, err
	}
	var memory int64
	if f.again, memory, err = b.importInto(ctx, url, "unchanged"); err != nil {
		return f, err
	}
	f.memory = max(f.memory, memory)
	if err := b.server.DropDatabase(ctx, url); err != nil {
		return f, err
	}
	if !b.sqlite {
		return f, nil
	}
	file := filepath.Join(b.dir, "bench.db")
	defer func() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(file + suffix)
		}
	}()
	if _, _, err := b.fairlead(ctx, "migrate", "--store", "sqlite://"+file); err != nil {
		return f, err
	}
	f.sqlite, f.sqliteMemory, err = b.importInto(ctx, "sqlite://"+file, "new")
	return f, err
}

// copy is what the import is compared with.
func (b *bench) copy(ctx context.Context, url string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, bareTable); err != nil {
		return 0, err
	}
	file, err := os.Open(b.csv)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	started := time.Now()
	tag, err := conn.PgConn().CopyFrom(ctx, file, "COPY bare FROM STDIN WITH (FORMAT csv, HEADER)")
	if err != nil {
		return 0, err
	}
	took := time.Since(started)
	if int(tag.RowsAffected()) != b.rows {
		return 0, fmt.Errorf("COPY took %d rows of %d", tag.RowsAffected(), b.rows)
	}
	_, err = conn.Exec(ctx, `DROP TABLE bare`)
	return took, err
}

// importInto imports the file and makes sure that all rows became what they
// should have.
func (b *bench) importInto(ctx context.Context, url, became string) (time.Duration, int64, error) {
	started := time.Now()
	out, memory, err := b.fairlead(ctx, "import", "-f", b.mapping, "--store", url, "-o", "json", b.csv)
	took := time.Since(started)
	if err != nil {
		return 0, 0, err
	}
	var report map[string]any
	if err := json.Unmarshal(out, &report); err != nil {
		return 0, 0, err
	}
	if report[became] != float64(b.rows) {
		return 0, 0, fmt.Errorf("%v rows of %d are %s", report[became], b.rows, became)
	}
	return took, memory, nil
}

// fairlead runs the program and gives its output and its peak of memory in bytes.
func (b *bench) fairlead(ctx context.Context, args ...string) ([]byte, int64, error) {
	command := exec.CommandContext(ctx, b.program, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("fairlead %s: %w", args[0], err)
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return nil, 0, errors.New("this system does not tell the peak of memory")
	}
	return out, usage.Maxrss * 1024, nil
}
