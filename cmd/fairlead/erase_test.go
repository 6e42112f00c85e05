package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// visits is a mapping of badges: persons, with the firm that they come from.
const visits = `
source: badges
entity: visit
columns:
- {column: show, field: series}
- {column: year, field: edition}
- {column: badge, field: person.key}
- {column: name, field: person.name}
- {column: email, field: person.email}
- {column: firm, field: organization.name}
- {column: day, field: day}
`

// consents is a mapping of what persons agreed to.
const consents = `
source: badges
entity: consent
columns:
- {column: badge, field: person.key}
- {column: topic, field: topic}
- {field: medium, value: Email}
- {field: legalBasis, value: Consent}
- {column: proof, field: proof}
- {column: given, field: given}
`

// The evidence of an erasure is what is gone, and no import brings it back.
func TestErase(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		badges, topics := write(t, "badges.yaml", visits), write(t, "consents.yaml", consents)
		seen := write(t, "badges.csv", "show,year,badge,name,email,firm,day\n"+
			"Aero,2024,B1,Erika Musterfrau,erika@firm.example,Firm AG,2024-04-17\nAero,2024,B1,Erika Musterfrau,erika@firm.example,Firm AG,2024-04-18\n"+
			"Aero,2024,B2,Max Mustermann,max@firm.example,Firm AG,2024-04-17\n")
		agreed := write(t, "consents.csv", "badge,topic,proof,given\nB1,News,scan of Erika Musterfrau,2024-04-17\nB2,News,scan,2024-04-17\n")
		imported(t, exitOK, url, badges, seen)
		imported(t, exitOK, url, topics, agreed)
		code := search(t, url, "erika@firm.example")[0].Code
		before := dump(t, url)

		var evidence []store.Evidence
		mustJSON(t, exitOK, &evidence, nil, "customer", "erase", code, "--yes", "--actor", "olga", "--reason", "request of 2026-03-02", "--store", url)
		after := dump(t, url)
		// What went, table by table, is what the evidence says.
		gone := map[string]int64{}
		for _, line := range evidence {
			if line.Action == store.Removed {
				gone[line.Table] += line.Rows
			}
			if line.Action == store.Added {
				gone[line.Table] -= line.Rows
			}
		}
		for _, table := range []string{"visit", "consent", "contact_point", "suppression", "party", "participation", "affiliation"} {
			if lost := int64(len(before[table]) - len(after[table])); lost != gone[table] {
				t.Errorf("%s lost %d rows, the evidence says %d", table, lost, gone[table])
			}
		}
		for _, want := range []store.Evidence{{Table: "visit", Action: store.Removed, Rows: 2}, {Table: "consent", Action: store.Removed, Rows: 1},
			{Table: "contact_point", Action: store.Removed, Rows: 1}, {Table: "suppression", Action: store.Added, Rows: 1},
			{Table: "party", Action: store.Emptied, Rows: 1}, {Table: "party_record", Action: store.Emptied, Rows: 1}, {Table: "erased_key", Action: store.Hashed, Rows: 1}} {
			if !slices.Contains(evidence, want) {
				t.Errorf("there is no %+v in the evidence %+v", want, evidence)
			}
		}
		personal := regexp.MustCompile(`(?i:erika)|B1\b|` + code)
		for table, rows := range after {
			for _, row := range rows {
				if personal.MatchString(row) {
					t.Errorf("%s still says %s", table, row)
				}
			}
		}
		kept := strings.Join(after["erasure_log"], "\n")
		for _, line := range evidence {
			if !strings.Contains(kept, fmt.Sprintf(`{"table":%q,"action":%q,"rows":%d}`, line.Table, line.Action, line.Rows)) {
				t.Errorf("the log does not have %+v: %s", line, kept)
			}
		}
		if !strings.Contains(kept, "actor=olga") || !strings.Contains(kept, "reason=request of 2026-03-02") {
			t.Errorf("the log says %s", kept)
		}

		// The same files again bring nobody back.
		if again := imported(t, exitOK, url, badges, seen); again.Erased != 2 || again.Unchanged != 3 || again.New != 0 || again.Parties != 0 {
			t.Errorf("the import of visits says %+v", again)
		}
		if out := must(t, exitOK, "import", "--store", url, "-f", topics, agreed); !strings.Contains(strings.Join(strings.Fields(out), " "), "of these about erased persons 1") {
			t.Errorf("it printed\n%s", out)
		}
		for _, text := range []string{"erika@firm.example", "Erika Musterfrau", "B1", code} {
			if found := search(t, url, text); len(found) != 0 {
				t.Errorf("%q finds %+v", text, found)
			}
		}
		if out := must(t, exitOK, "customer", "search", "Erika", "--store", url); out != "Nobody was found.\n" {
			t.Errorf("it printed %q", out)
		}
		sameDump(t, only(dump(t, url), "suppression", "visit", "consent", "contact_point", "party"), only(after, "suppression", "visit", "consent", "contact_point", "party"))
		if code, _, said := runCaptured(t, "customer", "erase", code, "--yes", "--store", url); code != exitFailed || !strings.Contains(said, "nobody has the code") {
			t.Errorf("erasing again: exit code %d, it said %q", code, said)
		}
		if found := search(t, url, "max@firm.example"); len(found) != 1 {
			t.Errorf("of the other it finds %+v", found)
		}
	})
}

func only(all map[string][]string, tables ...string) map[string][]string {
	some := map[string][]string{}
	for _, table := range tables {
		some[table] = all[table]
	}
	return some
}
