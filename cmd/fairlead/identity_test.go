package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// candidates is what `customer candidates list -o json` prints.
type candidates struct {
	Total      int64             `json:"total"`
	Candidates []store.Candidate `json:"candidates"`
}

func listCandidates(t *testing.T, url string) candidates {
	t.Helper()
	var list candidates
	mustJSON(t, exitOK, &list, []string{"total", "candidates"}, "customer", "candidates", "list", "--store", url)
	return list
}

func search(t *testing.T, url, text string) []store.Found {
	t.Helper()
	var found []store.Found
	mustJSON(t, exitOK, &found, nil, "customer", "search", text, "--store", url)
	return found
}

// show gives a party as the command shows it, and as a program reads it.
func show(t *testing.T, url, code string, flags ...string) (text string, party store.Party) {
	t.Helper()
	args := append([]string{"customer", "show", code, "--store", url, "--facts", "0"}, flags...)
	mustJSON(t, exitOK, &party, []string{"code", "kind", "fields"}, args...)
	return must(t, exitOK, args...), party
}

// number takes the number out of what a command said.
func number(t *testing.T, said string) string {
	t.Helper()
	words := strings.Fields(said)
	last := words[len(words)-1]
	if strings.Trim(last, "0123456789") != "" {
		t.Fatalf("there is no number in %q", said)
	}
	return last
}

// Spellings of one name are one customer; what looks alike in another country is
// for a person to decide, and to undo.
func TestLookAlikes(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		lists := write(t, "lists.yaml", participations)
		crm := write(t, "crm.yaml", parties+"trust: 90\n")
		imported(t, exitOK, url, lists, write(t, "list.csv", participationsHeader+
			"Aero,2023,1,Acme Ltd.,GB,,10\nAero,2024,2,ACMÉ LIMITED,GB,,20\nAero,2024,3,Acme Ltd,FR,,30\nAero,2024,4,Zenith AG,CH,,5\n"))
		imported(t, exitOK, url, crm, write(t, "crm.csv", "number,name,country,email\nC-9,Acme,FR,info@acme.example\n"))

		found := search(t, url, "acme ltd")
		if len(found) != 2 {
			t.Fatalf("two spellings and a third in another country are %+v", found)
		}
		list := listCandidates(t, url)
		if list.Total != 1 || len(list.Candidates) != 1 {
			t.Fatalf("the candidates are %+v", list)
		}
		pair := list.Candidates[0]
		if pair.Party.Country != "GB" || pair.Other.Country != "FR" || pair.Party.Records != 2 || pair.Other.Records != 2 || !slices.Contains(pair.Conflicts, "country") {
			t.Errorf("the pair is %+v", pair)
		}
		if out := must(t, exitOK, "customer", "candidates", "list", "--store", url); strings.Count(out, "\n") != 2 || !strings.Contains(out, pair.Other.Code) {
			t.Errorf("it printed\n%s", out)
		}
		ours, oursBefore := show(t, url, pair.Party.Code)
		theirs, theirsBefore := show(t, url, pair.Other.Code)

		merge := number(t, must(t, exitOK, "customer", "candidates", "accept", "1", "--actor", "vera", "--store", url))
		text, merged := show(t, url, pair.Party.Code)
		if len(merged.Records) != 4 || merged.Records[0].Source != "crm" || merged.Records[0].Key != "C-9" || merged.Records[3].Source != "lists" {
			t.Errorf("the records are %+v", merged.Records)
		}
		if facts := merged.Facts[len(merged.Facts)-1]; facts.Entity != "participation" || facts.Total != 3 || len(facts.Rows) != 3 {
			t.Errorf("the facts are %+v", merged.Facts)
		}
		for _, says := range []string{"What sources say, the most trusted first", "crm", "lists", "participation (3)", "30.00", "info@acme.example"} {
			if !strings.Contains(text, says) {
				t.Errorf("there is no %q in\n%s", says, text)
			}
		}
		if text, _ := show(t, url, pair.Other.Code); !strings.HasPrefix(text, pair.Other.Code+" was merged into "+pair.Party.Code+".\n") {
			t.Errorf("of the other it printed\n%s", text)
		}
		if found := search(t, url, "acme ltd"); len(found) != 1 || found[0].Code != pair.Party.Code {
			t.Errorf("after the merge %+v are found", found)
		}
		var merges []store.MergeEntry
		mustJSON(t, exitOK, &merges, nil, "customer", "merges", "--store", url)
		if len(merges) != 1 || merges[0].Survivor != pair.Party.Code || merges[0].Loser != pair.Other.Code || merges[0].Actor != "vera" || merges[0].UndoneAt != 0 {
			t.Errorf("the merges are %+v", merges)
		}

		must(t, exitOK, "customer", "undo", merge, "--store", url)
		for code, before := range map[string]string{pair.Party.Code: ours, pair.Other.Code: theirs} {
			if after, _ := show(t, url, code); after != before {
				t.Errorf("after the undoing it shows\n%s, want\n%s", after, before)
			}
		}
		same(t, url, oursBefore, theirsBefore)
		if _, _, said := runCaptured(t, "customer", "undo", merge, "--store", url); !strings.Contains(said, "was undone already") {
			t.Errorf("undoing it again says %q", said)
		}
		if list := listCandidates(t, url); list.Total != 0 {
			t.Errorf("what was undone is put up again: %+v", list)
		}
		if out := must(t, exitOK, "customer", "merges", "--store", url); strings.Count(out, "\n") != 2 || strings.Count(out, "Z") != 2 {
			t.Errorf("it printed\n%s", out)
		}
		var again, undone map[string]int64
		mustJSON(t, exitOK, &again, nil, "customer", "merge", pair.Party.Code, pair.Other.Code, "--reason", "the same", "--store", url)
		mustJSON(t, exitOK, &undone, nil, "customer", "undo", fmt.Sprint(again["merge"]), "--store", url)
		if again["merge"] == 0 || undone["undone"] != again["merge"] {
			t.Errorf("for programs it printed %v and %v", again, undone)
		}
	})
}

// same fails the test if programs read of parties anything but what they were.
func same(t *testing.T, url string, parties ...store.Party) {
	t.Helper()
	for _, before := range parties {
		_, after := show(t, url, before.Code)
		was, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		is, err := json.Marshal(after)
		if err != nil {
			t.Fatal(err)
		}
		if string(is) != string(was) {
			t.Errorf("%s is\n%s, was\n%s", before.Code, is, was)
		}
	}
}

// A pair that a person rejected is never put up again, whatever comes in.
func TestRejectedPair(t *testing.T) {
	url := newSQLite(t)
	lists, crm := write(t, "lists.yaml", participations), write(t, "crm.yaml", parties)
	first := write(t, "list.csv", participationsHeader+"Aero,2023,1,Acme Ltd.,GB,,10\nAero,2024,3,Acme Ltd,FR,,30\n")
	imported(t, exitOK, url, lists, first)
	must(t, exitOK, "customer", "candidates", "reject", "1", "--store", url)
	imported(t, exitOK, url, lists, first)
	imported(t, exitOK, url, lists, write(t, "more.csv", participationsHeader+"Aero,2025,1,Acme,GB,,10\nAero,2025,3,ACME LTD,FR,,31\nAero,2025,8,acme,GB,,3\n"))
	imported(t, exitOK, url, crm, write(t, "crm.csv", "number,name,country,email\nC-1,Acme Ltd,FR,\nC-2,Acme Ltd,GB,\n"))
	if list := listCandidates(t, url); list.Total != 0 {
		t.Errorf("there are %+v", list)
	}
	if out := must(t, exitOK, "customer", "candidates", "list", "--store", url); out != "No pair waits for a decision here (0 in all).\n" {
		t.Errorf("it printed %q", out)
	}
	if _, _, said := runCaptured(t, "customer", "candidates", "accept", "1", "--store", url); !strings.Contains(said, "candidate 1 was decided already: Rejected") {
		t.Errorf("accepting it after all says %q", said)
	}
	if found := search(t, url, "acme"); len(found) != 2 {
		t.Errorf("there are %+v", found)
	}
}

// Lists are read part by part.
func TestManyCandidates(t *testing.T) {
	url := newSQLite(t)
	imported(t, exitOK, url, write(t, "crm.yaml", parties), write(t, "crm.csv", "number,name,country,email\n"+
		"1,Acme,GB,\n2,Acme,FR,\n3,Zenith,GB,\n4,Zenith,FR,\n5,Orbit,GB,\n6,Orbit,FR,\n"))
	out := must(t, exitOK, "customer", "candidates", "list", "--limit", "2", "--store", url)
	if !strings.HasSuffix(out, "3 pairs wait in all; see more by --after 2.\n") {
		t.Errorf("it printed\n%s", out)
	}
	out = must(t, exitOK, "customer", "candidates", "list", "--after", "2", "--store", url)
	if !strings.Contains(out, "Orbit") || strings.Contains(out, "Zenith") {
		t.Errorf("behind that it printed\n%s", out)
	}
	out = must(t, exitOK, "customer", "candidates", "list", "--after", "3", "--store", url)
	if out != "No pair waits for a decision here (3 in all).\n" {
		t.Errorf("behind the last it printed %q", out)
	}
}
