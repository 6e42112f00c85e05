package realdata

import (
	"database/sql"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/intake"
	"github.com/fairlead/fairlead/internal/store"
)

// testProfiles holds profiles to figures that were found without them.
func testProfiles(t *testing.T, sqlite, postgres *database) {
	t.Run("SQLite", func(t *testing.T) { testProfilesOf(t, sqlite) })
	t.Run("PostgreSQL", func(t *testing.T) { testProfilesOf(t, postgres) })
	t.Run("Same", func(t *testing.T) { testSameProfiles(t, sqlite, postgres) })
}

// testProfilesOf refreshes once, which everything after it reads.
func testProfilesOf(t *testing.T, d *database) {
	if !t.Run("Refresh", func(t *testing.T) { testRefresh(t, d) }) {
		return
	}
	t.Run("Companies", func(t *testing.T) {
		for code, c := range d.codes(t) {
			d.expectFigures(t, code, c.name, c.series, c.together)
		}
	})
	t.Run("Shop", func(t *testing.T) { testShop(t, d) })
	t.Run("Segments", func(t *testing.T) { testSegments(t, d) })
	t.Run("Loyalty", func(t *testing.T) { testLoyalty(t, d) })
	t.Run("Pyramid", func(t *testing.T) { testPyramid(t, d) })
	t.Run("EditionRetention", func(t *testing.T) { testEditionRetention(t, d) })
	t.Run("CancelledEdition", func(t *testing.T) { testCancelledEdition(t, d) })
}

// refresh brings all profiles up to date.
func (d *database) refresh(t *testing.T) (all store.Refreshed) {
	t.Helper()
	for more := true; more; {
		done, err := d.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all.Looked, all.Changed, all.Generation = all.Looked+done.Looked, all.Changed+done.Changed, max(all.Generation, done.Generation)
		more = done.More
	}
	return all
}

// testRefresh brings everything up to date, and demands that nothing is left to do.
func testRefresh(t *testing.T, d *database) {
	t.Logf("%+v", d.refresh(t))
	checked, err := d.Check(t.Context(), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	if checked.Differences != 0 || checked.Waiting != 0 || checked.Compared != d.number(t, `SELECT count(*) FROM party`) {
		t.Errorf("%d parties compared, %d wait, %d figures differ: %+v", checked.Compared, checked.Waiting, checked.Differences, checked.Found)
	}
	before, err := d.Freshness(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again := d.refresh(t); again != (store.Refreshed{}) {
		t.Errorf("a second refresh does something: %+v", again)
	}
	after, err := d.Freshness(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if before != after || after.Waiting != 0 || after.Due != 0 {
		t.Errorf("%+v after a refresh, and %+v after another one", before, after)
	}
}

// codes finds the customers whom just those lists name that were found by hand.
func (d *database) codes(t *testing.T) map[string]company {
	t.Helper()
	rows := map[string][]string{}
	d.rows(t, `
		SELECT c.code, e.series, e.edition, r.content
		  FROM participation p
		  JOIN edition e ON e.id = p.edition_id
		  JOIN party_record r ON r.id = p.customer_record_id
		  JOIN party c ON c.id = p.customer_id
		 WHERE p.withdrawn_at IS NULL`, func(found *sql.Rows) error {
		var code, series, edition, content string
		if err := found.Scan(&code, &series, &edition, &content); err != nil {
			return err
		}
		var said struct{ Name string }
		if err := json.Unmarshal([]byte(content), &said); err != nil {
			return err
		}
		rows[code] = append(rows[code], series+" "+edition+": "+said.Name)
		return nil
	})
	byRows := map[string]string{}
	for code, named := range rows {
		slices.Sort(named)
		byRows[strings.Join(named, "\n")] = code
	}
	codes := map[string]company{}
	for _, c := range companies {
		named := c.rows()
		if code, found := byRows[strings.Join(named, "\n")]; found {
			codes[code] = c
			continue
		}
		t.Errorf("%s: no customer is named by just these lists:\n%s", c.name, strings.Join(named, "\n"))
		for code, others := range rows {
			if slices.ContainsFunc(others, func(row string) bool { return slices.Contains(named, row) }) {
				t.Logf("%s is named by:\n%s", code, strings.Join(others, "\n"))
			}
		}
	}
	return codes
}

// rows are the lists that name a company, each with the spelling.
func (c company) rows() (rows []string) {
	for spelling, lists := range c.named {
		series := ""
		for word := range strings.FieldsSeq(lists) {
			if word[0] < '0' || word[0] > '9' {
				series = word
				continue
			}
			rows = append(rows, series+" "+word+": "+spelling)
		}
	}
	slices.Sort(rows)
	return rows
}

// expectFigures compares a profile with what was found by hand.
func (d *database) expectFigures(t *testing.T, code, name string, series map[string]string, together string) {
	t.Helper()
	shown, err := d.Show(t.Context(), code, store.ShowOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if shown.Profile == nil || shown.Profile.Behind {
		t.Fatalf("%s has no profile that is up to date: %+v", name, shown.Profile)
	}
	if got := pick(shown.Profile.Measures, customerFigures); got != together {
		t.Errorf("%s, %v:\ngot  %s\nwant %s", name, customerFigures, got, together)
	}
	got := map[string]string{}
	for _, s := range shown.Profile.Series {
		if s.Role != "Exhibitor" {
			t.Errorf("%s is said to be a %s", name, s.Role)
		}
		got[s.Series] = pick(s.Measures, seriesFigures)
	}
	if !maps.Equal(got, series) {
		t.Errorf("%s, %v:\ngot  %v\nwant %v", name, seriesFigures, got, series)
	}
}

// pick writes figures one after the other; "-" is one that is absent.
func pick(figures []store.Figure, names []string) string {
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = "-"
		for _, figure := range figures {
			if figure.Name == name {
				values[i] = figure.Value
			}
		}
	}
	return strings.Join(values, " ")
}

// testCancelledEdition says that Avalon 2025 was cancelled, and then that it was
// held after all.
func testCancelledEdition(t *testing.T, d *database) {
	codes := d.codes(t)
	d.expectAvalon(t, "2025", 6)

	mapping, reader := cancelled(t, `Avalon,2025,Avalon 2025,2025-03-25,2025-03-30,AU,true`)
	expect(t, d.write(t, mapping, reader, "cancelled.csv"), store.Tally{Read: 1, Changed: 1})
	d.refresh(t)
	d.expectAvalon(t, "2023", 5)
	for code, c := range codes {
		series := maps.Clone(c.series)
		series["Avalon"] = c.avalonCancelled
		d.expectFigures(t, code, c.name, series, c.togetherCancelled)
	}

	expect(t, d.load(t, airshowEditions), store.Tally{Read: 29, Changed: 1, Unchanged: 28})
	d.refresh(t)
	d.expectAvalon(t, "2025", 6)
	for code, c := range codes {
		d.expectFigures(t, code, c.name, c.series, c.together)
	}
}

// expectAvalon demands of all who ever exhibited at Avalon that those who were at
// the last edition that was held missed nothing since, that everybody else did, and
// that nobody was there later or could have come more often than it was held.
func (d *database) expectAvalon(t *testing.T, last string, held int64) {
	t.Helper()
	const among = `SELECT count(*) FROM customer_series_profile p WHERE p.series = 'Avalon' AND p.role = 'Exhibitor' AND `
	there := d.number(t, `
		SELECT count(DISTINCT f.customer_id) FROM participation f JOIN edition e ON e.id = f.edition_id
		 WHERE e.series = 'Avalon' AND e.edition = $1 AND f.withdrawn_at IS NULL`, last)
	if got := d.number(t, among+`p.missed_editions = 0`); got != there {
		t.Errorf("%d missed nothing since Avalon %s, want the %d who were there", got, last, there)
	}
	if got := d.number(t, among+`p.last_edition = $1 AND p.missed_editions = 0 AND p.consecutive_editions > 0`, last); got != there {
		t.Errorf("%d were last seen at Avalon %s, want %d", got, last, there)
	}
	if got := d.number(t, among+`(p.last_edition > $1 OR p.eligible_editions > $2)`, last, held); got != 0 {
		t.Errorf("%d came later than %s, or could have come more than %d times", got, last, held)
	}
}

// cancelled reads a line as editions.yaml says, with one column more.
func cancelled(t *testing.T, line string) (*intake.Mapping, *intake.Reader) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, airshowEditions.mapping))
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := intake.ParseMapping(append(text, "\n- {column: cancelled, field: cancelled}\n"...))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := mapping.Read(strings.NewReader("series,edition,name,opens,closes,country,cancelled\n" + line + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return mapping, reader
}

// profiles are the tables of profiles with the order in which they are compared.
var profiles = []struct{ table, order string }{
	{"customer_profile", "customer_id"}, {"customer_series_profile", "customer_id, series, role"},
	{"customer_dimension_profile", "customer_id, dimension"}, {"customer_preference", "customer_id, name"},
}

// withoutGeneration takes out the number of the refresh, of which the databases need
// different numbers.
func withoutGeneration(line string) string {
	before, rest, _ := strings.Cut(line, "|generation=")
	_, after, _ := strings.Cut(rest, "|")
	return before + "|" + after
}

// testSameProfiles demands the same profiles of both databases.
func testSameProfiles(t *testing.T, sqlite, postgres *database) {
	for _, p := range profiles {
		one, other := sqlite.dump(t, p.table, p.order), postgres.dump(t, p.table, p.order)
		for i := range min(len(one), len(other)) {
			if a, b := withoutGeneration(one[i]), withoutGeneration(other[i]); a != b {
				t.Errorf("%s:\nSQLite     %s\nPostgreSQL %s", p.table, a, b)
				break
			}
		}
		if len(one) != len(other) {
			t.Errorf("%s: %d rows in SQLite, %d in PostgreSQL", p.table, len(one), len(other))
		}
		t.Logf("%s: %d rows", p.table, len(one))
	}
}
