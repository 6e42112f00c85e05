package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// participations is a mapping of who was at which edition.
const participations = `
source: lists
entity: participation
columns:
- {column: show, field: series}
- {column: year, field: edition}
- {column: number, field: customer.key}
- {column: exhibitor, field: customer.name}
- {column: country, field: customer.country}
- {column: email, field: customer.email}
- {column: area, field: area}
- {field: role, value: Exhibitor}
- {field: status, value: Attended}
`

const participationsHeader = "show,year,number,exhibitor,country,email,area\n"

// reportKeys are the figures of an import that programs rely on.
var reportKeys = []string{"file", "source", "entity", "dryRun", "read", "new", "changed", "unchanged", "erased", "rejected",
	"withdrawn", "parties", "candidates", "ignored", "seconds"}

// imported imports a file and gives the figures.
func imported(t *testing.T, want int, url, mapping, file string, flags ...string) importReport {
	t.Helper()
	var report importReport
	mustJSON(t, want, &report, reportKeys, append([]string{"import", "--store", url, "-f", mapping, file}, flags...)...)
	return report
}

// readCSV reads a file of rejects.
func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	// What could not be parted into columns stands whole in one.
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// Rejected rows are told with their place and the reason, mended by a person,
// and imported by the same mapping.
func TestRejects(t *testing.T) {
	url := newSQLite(t)
	t.Chdir(t.TempDir())
	mapping := write(t, "lists.yaml", participations)
	file := write(t, "list.csv", participationsHeader+
		"Aero,2024,1,\"Müller, Söhne\",DE,,12.5\n"+
		"Aero,2024,2,Propellers,DE,,a lot\n"+
		",2024,3,Wings,FR,,9\n"+
		"Aero,2024,4,\"Wheels\nand Tyres\",FR,,3\n"+
		"Aero,2024,5\n")
	code, out, said := runCaptured(t, "import", "--store", url, "-f", mapping, file)
	if code != exitRejected || said != "fairlead import: 3 of 5 rows were rejected: see list.csv.rejects.csv\n" {
		t.Errorf("exit code %d, it said %q", code, said)
	}
	for _, line := range []string{"read 5", "new 2", "changed 0", "unchanged 0", "rejected 3", "parties made 2"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), line) {
			t.Errorf("there is no %q in\n%s", line, out)
		}
	}
	rejects := readCSV(t, "list.csv.rejects.csv")
	want := [][]string{
		{"line", "column", "reason", "show", "year", "number", "exhibitor", "country", "email", "area"},
		{"3", "area", "", "Aero", "2024", "2", "Propellers", "DE", "", "a lot"},
		{"4", "show", "", "", "2024", "3", "Wings", "FR", "", "9"},
	}
	for i := range want {
		got := slices.Clone(rejects[i])
		if i > 0 {
			if got[2] == "" {
				t.Errorf("nothing says why the row was rejected: %q", got)
			}
			got[2] = ""
		}
		if !slices.Equal(got, want[i]) {
			t.Errorf("line %d of the rejects is %q, want %q", i+1, rejects[i], want[i])
		}
	}
	if last := rejects[3]; last[0] != "7" || last[2] == "" || last[3] != "Aero,2024,5" && last[5] != "5" {
		t.Errorf("the row that is too short is %q", last)
	}
	// A person mends two of them, and leaves the third out.
	mended := "line,column,reason" + "," + participationsHeader +
		"3,area,,Aero,2024,2,Propellers,DE,,7\n" + "4,show,,Aero,2024,3,Wings,FR,,9\n"
	report := imported(t, exitOK, url, mapping, write(t, "mended.csv", mended))
	if report.New != 2 || report.Rejected != 0 || report.RejectsFile != "" {
		t.Errorf("of the mended file it says %+v", report)
	}
	// Rejects are where --rejects says, and their figures are told as JSON too.
	elsewhere := filepath.Join(t.TempDir(), "mine.csv")
	report = imported(t, exitRejected, url, mapping, file, "--rejects", elsewhere)
	if report.RejectsFile != elsewhere || report.Rejected != 3 || report.Unchanged != 2 || len(readCSV(t, elsewhere)) != 4 {
		t.Errorf("it says %+v", report)
	}
	if left, err := filepath.Glob("*"); err != nil || !slices.Equal(left, []string{"list.csv.rejects.csv"}) {
		t.Errorf("the working folder has %v (%v)", left, err)
	}
}

// A file of rejects is no Snapshot: it would withdraw everything else.
func TestRejectsOfSnapshot(t *testing.T) {
	url := newSQLite(t)
	t.Chdir(t.TempDir())
	mapping := write(t, "lists.yaml", participations+"mode: Snapshot\nsnapshotOf: Source\n")
	report := imported(t, exitRejected, url, mapping, write(t, "list.csv", participationsHeader+"Aero,2024,1,Müller,DE,,12\nAero,2024,2,Propellers,DE,,a lot\n"))
	if len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "nothing was withdrawn") {
		t.Errorf("it warns of %q", report.Warnings)
	}
	before := dump(t, url)
	code, _, said := runCaptured(t, "import", "--store", url, "-f", mapping, "list.csv.rejects.csv")
	if code != exitUsage || !strings.Contains(said, "has rejected rows only, and a Snapshot would withdraw all others") {
		t.Errorf("exit code %d, it said %q", code, said)
	}
	sameDump(t, dump(t, url), before)
}

// Files are read from the standard input and unpacked, whichever it is.
func TestWhereFilesComeFrom(t *testing.T) {
	t.Chdir(t.TempDir())
	content := participationsHeader + "Aero,2024,1,Müller,DE,,12\nAero,2024,2,Propellers,DE,,a lot\n"
	mapping := write(t, "lists.yaml", participations)
	var packed strings.Builder
	packer := gzip.NewWriter(&packed)
	if _, err := packer.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ file, stdin, rejects string }{
		"a file":                {write(t, "list.csv", content), "", "list.csv.rejects.csv"},
		"a packed file":         {write(t, "packed.csv.gz", packed.String()), "", "packed.csv.rejects.csv"},
		"standard input":        {"-", content, "rejects.csv"},
		"packed standard input": {"-", packed.String(), "rejects.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			command := program(t, "import", "--store", newSQLite(t), "-f", mapping, test.file)
			command.Stdin = strings.NewReader(test.stdin)
			out, err := command.Output()
			if command.ProcessState.ExitCode() != exitRejected {
				t.Errorf("it ended with %v", err)
			}
			if !strings.HasPrefix(string(out), "Imported "+test.file+" as participation of source lists (") {
				t.Errorf("it printed\n%s", out)
			}
			if rejects := readCSV(t, test.rejects); len(rejects) != 2 {
				t.Errorf("the rejects are %q", rejects)
			}
			if err := os.Remove(test.rejects); err != nil {
				t.Error(err)
			}
		})
	}
}

// list is a file of participations, with look-alikes in another country.
func list(rows, area int) string {
	var text strings.Builder
	text.WriteString(participationsHeader)
	for n := range rows {
		country := "DE"
		if n/1_800%2 == 1 {
			country = "FR"
		}
		fmt.Fprintf(&text, "Aero,%d,%d,Exhibitor %d GmbH,%s,info@exhibitor%d.example,%d\n", 2020+n%2, n/2, (n/2)%900, country, n/2, area)
	}
	return text.String()
}

func TestImportAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		mapping, file := write(t, "lists.yaml", participations), write(t, "list.csv", list(3_000, 9))
		first := imported(t, exitOK, url, mapping, file)
		if first.New != 3_000 || first.Read != 3_000 || first.Parties == 0 || first.Source != "lists" || first.Entity != "participation" || first.File != file {
			t.Errorf("first it says %+v", first)
		}
		before := dump(t, url, "import_run", "number_block")
		again := imported(t, exitOK, url, mapping, file)
		if again.Unchanged != 3_000 || again.New != 0 || again.Changed != 0 || again.Parties != 0 || again.Candidates != 0 {
			t.Errorf("again it says %+v", again)
		}
		sameDump(t, dump(t, url, "import_run", "number_block"), before)
	})
}

// What --dry-run says is what the import then does, and it does nothing itself.
func TestDryRun(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		t.Chdir(t.TempDir())
		delta := write(t, "lists.yaml", participations)
		snapshot := write(t, "snapshot.yaml", participations+"mode: Snapshot\n")
		steps := []struct {
			mapping, file string
			code          int
			differs       func(importReport) bool
		}{
			{delta, write(t, "first.csv", list(3_000, 9)), exitOK, func(r importReport) bool { return r.New == 3_000 && r.Parties > 0 && r.Candidates > 0 }},
			{delta, write(t, "more.csv", list(3_500, 11)+"Aero,2021,,,,,\n"), exitRejected, func(r importReport) bool { return r.New == 500 && r.Changed == 3_000 && r.Rejected == 1 }},
			{snapshot, write(t, "last.csv", list(2_500, 11)), exitOK, func(r importReport) bool { return r.Unchanged == 2_500 && r.Withdrawn == 1_000 }},
		}
		for _, step := range steps {
			before := dump(t, url)
			said := imported(t, step.code, url, step.mapping, step.file, "--dry-run")
			sameDump(t, dump(t, url), before)
			did := imported(t, step.code, url, step.mapping, step.file)
			if !said.DryRun || did.DryRun || !step.differs(did) {
				t.Errorf("the import says %+v", did)
			}
			said.DryRun, said.Seconds, did.Seconds = false, 0, 0
			if !reflect.DeepEqual(said, did) {
				t.Errorf("the dry run says %+v, the import %+v", said, did)
			}
		}
		if out := must(t, exitOK, "import", "--dry-run", "--store", url, "-f", delta, steps[0].file); !strings.HasPrefix(out, "Nothing was changed. This would import ") {
			t.Errorf("it printed\n%s", out)
		}
	})
}

// Whatever a name has in it, a table stays one, and a terminal is not steered.
// Files cannot bring such names, but what comes to a store otherwise may.
func TestNamesDoNotSteerTheTerminal(t *testing.T) {
	url := newSQLite(t)
	const evil = "Evil\x1b[2J\u009b1mCo\n\tFL-1\u202eX"
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	into, err := s.Import(t.Context(), store.ImportOptions{
		Source: store.Source{Name: "other"}, Entity: customer.EntityByName("party"), ResolveBy: []store.Resolution{store.ByMatchKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	var rows []customer.Row
	for i, country := range []string{"DE", "FR"} {
		values := make([]customer.Value, len(customer.PartyFields))
		for _, field := range []int{customer.PartyName, customer.PartyCity, customer.PartyAddress} {
			values[field] = customer.String(evil)
		}
		values[customer.PartyCode] = customer.String(evil + country)
		values[customer.PartyCountry] = customer.String(country)
		rows = append(rows, customer.Row{Line: int64(i + 1), Parties: []customer.PartyRow{{Key: evil + country, Values: values}}, Values: make([]customer.Value, 1)})
	}
	if refused, err := into.Write(t.Context(), rows); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	if err := into.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	look := func(lines int, args ...string) {
		t.Helper()
		out := must(t, exitOK, append(args, "--store", url)...)
		if strings.ContainsAny(out, "\x1b\u009b\u202e\t") || lines > 0 && strings.Count(out, "\n") != lines {
			t.Errorf("%s printed %q", args[1], out)
		}
	}
	look(3, "customer", "search", evil)
	look(2, "customer", "candidates", "list")
	look(0, "customer", "show", evil+"DE")
	look(1, "customer", "export", evil+"DE", "--output-file", filepath.Join(t.TempDir(), "a.json"))
	look(1, "customer", "merge", evil+"DE", evil+"FR", "--reason", evil, "--actor", evil)
	look(2, "customer", "merges")
	look(0, "customer", "show", evil+"FR")
}

// A file that cannot be read to its end: what was read before is in the store.
func TestBrokenFile(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url, mapping := newStore(t), write(t, "lists.yaml", participations)
		file := write(t, "list.csv", list(1_200, 10)+"Aero,2024,K,\"Acme\n")
		code, _, said := runCaptured(t, "import", "--store", url, "-f", mapping, file)
		if code != exitFailed || !strings.Contains(said, "does not close before the end of the file") {
			t.Errorf("it ended with %d and said %s", code, said)
		}
		db := connect(t, url)
		if rows := query(t, db, `SELECT count(*) AS n FROM participation`); len(rows) != 1 || strings.TrimSpace(rows[0]) != "n=1200" {
			t.Errorf("the store has %v", rows)
		}
	})
}
