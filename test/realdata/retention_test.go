package realdata

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// edition is one edition of a series with its exhibitors, told apart in two ways.
type edition struct {
	series, name string
	// byName are the names just as the list writes them, byCase the same in lower
	// case.
	byName, byCase map[string]bool
	// byParty are whom the store takes them for.
	byParty map[string]bool
}

// readEditions reads who exhibited where, in the order of the days of opening.
func readEditions(t *testing.T, d *database) (editions []*edition) {
	t.Helper()
	d.rows(t, `
		SELECT e.series, e.edition, r.content, p.customer_id
		  FROM participation p
		  JOIN edition e ON e.id = p.edition_id
		  JOIN party_record r ON r.id = p.customer_record_id
		 WHERE p.role = 'Exhibitor' AND p.withdrawn_at IS NULL
		 ORDER BY e.series, e.opens`, func(rows *sql.Rows) error {
		var series, name, content string
		var party int64
		if err := rows.Scan(&series, &name, &content, &party); err != nil {
			return err
		}
		var said struct{ Name string }
		if err := json.Unmarshal([]byte(content), &said); err != nil {
			return err
		}
		last := len(editions) - 1
		if last < 0 || editions[last].series != series || editions[last].name != name {
			editions = append(editions, &edition{
				series: series, name: name, byName: map[string]bool{}, byCase: map[string]bool{}, byParty: map[string]bool{},
			})
			last++
		}
		editions[last].byName[said.Name] = true
		editions[last].byCase[strings.ToLower(said.Name)] = true
		editions[last].byParty[strconv.FormatInt(party, 10)] = true
		return nil
	})
	return editions
}

// figures are one way to count one edition.
type figures struct {
	exhibitors int
	// before is how many the edition before had, and returning how many of those
	// are in this one. Both are 0 for the first edition of a series.
	before, returning int
}

// retention is in per cent.
func (f figures) retention() float64 { return 100 * float64(f.returning) / float64(f.before) }

func count(now, before map[string]bool) figures {
	f := figures{exhibitors: len(now), before: len(before)}
	for who := range before {
		if now[who] {
			f.returning++
		}
	}
	return f
}

// line is an edition in the table.
type line struct {
	series, name string
	// previous edition of the series that is in the data; "" if there is none.
	previous string
	// exact compares names as they are written, cased without regard to case, key
	// as the store decided, alone as if names decided without countries.
	exact, cased, key, alone figures
}

// compare counts every edition against the one before it. accepted is the same
// data after all look-alikes were accepted.
func compare(editions, accepted []*edition) (lines []line) {
	for i, now := range editions {
		l := line{series: now.series, name: now.name}
		before, beforeAccepted := &edition{}, &edition{}
		if i > 0 && editions[i-1].series == now.series {
			before, beforeAccepted = editions[i-1], accepted[i-1]
			l.previous = before.name
		}
		l.exact = count(now.byName, before.byName)
		l.cased = count(now.byCase, before.byCase)
		l.key = count(now.byParty, before.byParty)
		l.alone = count(accepted[i].byParty, beforeAccepted.byParty)
		lines = append(lines, l)
	}
	return lines
}

// acceptAll says of every pair that waits that it is one, and gives how many
// waited and how many mergers that took: pairs of which one is merged already
// need none.
func acceptAll(t *testing.T, d *database) (waiting int64, merged int) {
	t.Helper()
	_, waiting, err := d.Candidates(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for {
		pairs, _, err := d.Candidates(t.Context(), 0, 200)
		if err != nil {
			t.Fatal(err)
		}
		if len(pairs) == 0 {
			return waiting, merged
		}
		for _, pair := range pairs {
			if pair.Reason != "SameName" {
				t.Fatalf("a look-alike by %s: the table speaks of names only", pair.Reason)
			}
			_, err := d.AcceptCandidate(t.Context(), pair.ID, "test")
			var conflict *store.ConflictError
			switch {
			case errors.As(err, &conflict):
			case err != nil:
				t.Fatal(err)
			default:
				merged++
			}
		}
	}
}

// exhibitors are all who ever were one.
const exhibitors = `SELECT count(DISTINCT customer_id) FROM participation WHERE role = 'Exhibitor' AND withdrawn_at IS NULL`

// testRetention prints retention by the ways to tell exhibitors apart, and holds
// the documentation to it.
func testRetention(t *testing.T, sqlite, postgres *database) {
	editions := readEditions(t, sqlite)
	if len(editions) != 29 {
		t.Fatalf("%d editions, want 29", len(editions))
	}
	accepted := copyOf(t, sqlite)
	waiting, merged := acceptAll(t, accepted)
	// Only then is it true that names alone decide.
	if parties, keys := accepted.number(t, exhibitors), accepted.number(t, `SELECT count(DISTINCT name_key) FROM party_record WHERE name_key <> ''`); parties != keys {
		t.Errorf("%d parties are left of %d names", parties, keys)
	}
	lines := compare(editions, readEditions(t, accepted))
	summary := sumUp(lines)
	summary.waiting, summary.merged = waiting, merged
	summary.parties = sqlite.number(t, exhibitors)
	summary.names = len(allNames(editions))
	text := table(lines) + "\n" + summary.text()
	t.Log("\n" + text)
	holdPage(t, text)

	inPostgres := readEditions(t, postgres)
	for i, l := range compare(inPostgres, inPostgres) {
		if l.exact != lines[i].exact || l.key != lines[i].key {
			t.Errorf("%s %s: %+v in PostgreSQL, %+v in SQLite", l.series, l.name, l, lines[i])
		}
	}
}

func allNames(editions []*edition) map[string]bool {
	names := map[string]bool{}
	for _, e := range editions {
		for name := range e.byName {
			names[name] = true
		}
	}
	return names
}

// sorted differences have a median in the middle.
func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// spread is what is to be known of many differences.
type spread struct{ median, least, most float64 }

func spreadOf(differences []float64) spread {
	slices.Sort(differences)
	return spread{median(differences), differences[0], differences[len(differences)-1]}
}
