package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for everywhere
)

// tourists are lists of firms of which each is in one country: half of them were at the last edition.
func tourists(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	fmt.Fprintln(writer, "series,edition,exhibitor,country,categories")
	countries := []string{"United Kingdom", "UNITED STATES", "Germany", "Japan", "Australia"}
	for i := range 1500 {
		// One list says where a firm is, and another one that it came.
		fmt.Fprintf(writer, "SIAE,2023,Imaginary Works %c%d Ltd,%s,\n", 'A'+rune(i%26), i, countries[i%len(countries)])
		fmt.Fprintf(writer, "Farnborough,%d,IMAGINARY WORKS %c%d LIMITED,,\n", []int{2018, 2026}[i%2], 'A'+rune(i%26), i)
	}
	fmt.Fprintln(writer, "SIAE,2023,Never There GmbH,Germany,")
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lists.csv.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// made gives the files that are made up at a moment, by their names.
func made(t *testing.T, lists, now string) map[string]string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := run(lists, settings{series: "Farnborough", editions: []string{"2024", "2026"}, share: 50, now: at, celebrating: 12}, folder); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range []string{"contacts", "persons", "consents", "birthdays"} {
		content, err := os.ReadFile(filepath.Join(folder, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(content)
	}
	return files
}

// lines are the rows below the names of columns. There are no commas in what is made up here.
func lines(file string) (rows [][]string) {
	for _, line := range strings.Split(strings.TrimSpace(file), "\n")[1:] {
		rows = append(rows, strings.Split(line, ","))
	}
	return rows
}

// TestBirthdays: those whose birthday it is at a moment, each where they are, are those of whom
// birthdays.csv says so, and nobody else.
func TestBirthdays(t *testing.T) {
	lists := tourists(t)
	for name, test := range map[string]struct {
		now string
		// leap tells that some of them were born on 29 February, and not all.
		leap bool
	}{
		"a day":                             {"2026-11-26T12:00:00Z", false},
		"a day later in the east":           {"2026-11-26T17:30:00Z", false},
		"a day earlier in the west":         {"2026-11-26T02:30:00Z", false},
		"shortly before midnight in Tokyo":  {"2026-11-26T14:30:00Z", false},
		"28 February":                       {"2027-02-28T12:00:00Z", true},
		"28 February of a leap year":        {"2028-02-28T12:00:00Z", false},
		"1 March":                           {"2027-03-01T12:00:00Z", false},
		"New Year, which is not everywhere": {"2027-01-01T02:00:00Z", false},
	} {
		t.Run(name, func(t *testing.T) {
			files := made(t, lists, test.now)
			now, _ := time.Parse(time.RFC3339, test.now)
			var want, got []string
			leap := 0
			stayedAway := 0
			for _, row := range lines(files["birthdays"]) {
				want = append(want, row[0])
				if location, err := time.LoadLocation(row[2]); err != nil || now.In(location).Day() != now.Add(time.Hour).In(location).Day() {
					t.Errorf("the birthday of %v is over soon, %v", row, err)
				}
				if strings.HasSuffix(row[1], "-02-29") {
					leap++
				}
				if row[3] == "yes" {
					stayedAway++
				}
			}
			for _, row := range lines(files["persons"]) {
				location, err := time.LoadLocation(row[4])
				if err != nil {
					t.Fatal(err)
				}
				today, born := now.In(location), row[5][len("1980-"):]
				common := today.AddDate(0, 0, 1).Month() == time.March && today.Day() == 28
				if born == today.Format("01-02") || common && born == "02-29" {
					got = append(got, row[2])
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) || len(want) != 16 || stayedAway != 12 {
				t.Errorf("%d celebrate, of whom %d are of firms that stayed away, and %d are said to:\n%v\n%v", len(got), stayedAway, len(want), got, want)
			}
			if test.leap != (leap > 0 && leap < len(want)) {
				t.Errorf("%d of %d were born on 29 February", leap, len(want))
			}
		})
	}
}

// TestPersons: what there is of persons is as the demo needs it, and the same for the same moment.
func TestPersons(t *testing.T) {
	lists := tourists(t)
	files := made(t, lists, "2026-11-26T12:00:00Z")
	if again := made(t, lists, "2026-11-26T12:00:00Z"); fmt.Sprint(again) != fmt.Sprint(files) {
		t.Error("made up again at the same moment it is something else")
	}
	persons := lines(files["persons"])
	if len(persons) < 600 || strings.Contains(files["persons"], "Never There") {
		t.Errorf("there are %d persons", len(persons))
	}
	seen, months, roles, leap := map[string]bool{}, map[string]int{}, map[string]int{}, 0
	for _, row := range persons {
		if seen[row[0]] || seen[row[1]] || seen[row[2]] || !strings.HasSuffix(row[2], ".example") || row[3] == "" {
			t.Errorf("%v is somebody else as well, or cannot be written to", row)
		}
		seen[row[0]], seen[row[1]], seen[row[2]] = true, true, true
		months[row[5][5:7]]++
		roles[row[8]]++
		if strings.HasSuffix(row[5], "-02-29") {
			leap++
		}
	}
	if len(months) != 12 || roles["Decision"] == 0 || roles["Marketing"] == 0 || len(roles) != 2 || leap == 0 {
		t.Errorf("birthdays are in %v, roles are %v, and %d were born on 29 February", months, roles, leap)
	}
	states := map[string]int{}
	for _, row := range lines(files["consents"]) {
		state := "holds"
		switch expired := row[4] != "" && row[4] < "2026-11-26"; {
		case row[3] != "":
			state = "withdrawn"
		case expired:
			state = "expired"
		case row[2] > "2026-11-26":
			t.Errorf("%v is given tomorrow", row)
		}
		if (row[5] == "yes") != (state == "holds") {
			t.Errorf("of %v it is said that it holds: %s", row, row[5])
		}
		states[state]++
	}
	states["none"] = len(persons) - len(lines(files["consents"]))
	for _, state := range []string{"holds", "withdrawn", "expired", "none"} {
		if states[state] < len(persons)/12 {
			t.Errorf("of %d persons only %d are %s", len(persons), states[state], state)
		}
	}
	if len(lines(files["contacts"])) != 750 {
		t.Errorf("there are %d addresses of exhibitors", len(lines(files["contacts"])))
	}
}

func TestLabelOf(t *testing.T) {
	for name, want := range map[string]string{
		"(UN)MANNED":                   "un-manned",
		"A.S. AVIONICS SERVICES":       "a-s-avionics-services",
		"中国航空":                         "",
		strings.Repeat("x", 62) + " y": strings.Repeat("x", 62),
	} {
		if got := labelOf(name); got != want {
			t.Errorf("%s becomes %q, want %q", name, got, want)
		}
	}
}
