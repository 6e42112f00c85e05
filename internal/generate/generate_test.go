package generate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// write a row in all its parts.
func write(to hash.Hash, row *customer.Row) {
	fmt.Fprintln(to, row.Line, row.Key, row.Values)
	for _, party := range row.Parties {
		fmt.Fprintln(to, party.Key, party.Source, party.Values, party.Attributes)
	}
}

// digest of all rows of an entity, or of the first ones.
func digest(t *testing.T, options Options, entity *customer.Entity, rows int64) (string, int64) {
	t.Helper()
	sum, count := sha256.New(), int64(0)
	err := EntityRows(options, entity, func(_ *customer.Entity, row *customer.Row) error {
		if count == rows {
			return nil
		}
		count++
		write(sum, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), count
}

const all = int64(-1)

// What a seed gives stays as it is: tests and demonstrations build on it. A
// change of it is a change for their readers, and made on purpose here.
func TestSameSeedSameRows(t *testing.T) {
	sum := sha256.New()
	err := Rows(Options{Seed: 1, Customers: 100}, func(entity *customer.Entity, row *customer.Row) error {
		fmt.Fprintln(sum, entity.Name)
		write(sum, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "46444c320dfe67f3"
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != want {
		t.Errorf("the digest of seed 1 is %s, want %s", got, want)
	}
}

func TestFewerCustomersAreThePrefix(t *testing.T) {
	for _, entity := range Entities() {
		few, rows := digest(t, Options{Seed: 7, Customers: 60}, entity, all)
		more, _ := digest(t, Options{Seed: 7, Customers: 120}, entity, rows)
		if few != more {
			t.Errorf("%s: the rows of 60 customers are not the first %d of those of 120", entity.Name, rows)
		}
	}
}

func TestAnotherSeedGivesOthers(t *testing.T) {
	for _, name := range []string{"party", "booking", "visit", "exchangeRate"} {
		one, _ := digest(t, Options{Seed: 1, Customers: 20}, customer.EntityByName(name), all)
		other, _ := digest(t, Options{Seed: 2, Customers: 20}, customer.EntityByName(name), all)
		if one == other {
			t.Errorf("%s: seeds 1 and 2 give the same", name)
		}
	}
}

func TestErrorsEndIt(t *testing.T) {
	rows := 0
	err := Rows(Options{Customers: 1000}, func(*customer.Entity, *customer.Row) error {
		rows++
		return fmt.Errorf("enough")
	})
	if err == nil || err.Error() != "enough" || rows != 1 {
		t.Errorf("after %d rows the error is %v", rows, err)
	}
	if err := Rows(Options{Customers: -1}, nil); err == nil {
		t.Error("fewer than no customers are no error")
	}
}

// Nothing in the rows may reach or name anybody real.
func TestEveryRowIsMarked(t *testing.T) {
	counts := map[string]int{}
	err := Rows(Options{Seed: 3, Customers: 300}, func(entity *customer.Entity, row *customer.Row) error {
		counts[entity.Name]++
		if !strings.HasPrefix(row.Key, "syn-") {
			t.Errorf("%s has the key %q", entity.Name, row.Key)
		}
		for _, value := range row.Values {
			checkText(t, row.Key, value.Text)
		}
		for _, party := range row.Parties {
			if party.Key != "" && !strings.HasPrefix(party.Key, "syn-") {
				t.Errorf("%s refers to %q", row.Key, party.Key)
			}
			for _, value := range party.Values {
				checkText(t, row.Key, value.Text)
			}
		}
		if entity.Name == "party" {
			mark := row.Parties[0].Attributes[0]
			if mark.Name != Mark || mark.Kind != customer.Truth || mark.Value != customer.Number(1) {
				t.Errorf("%s is not marked", row.Key)
			}
			if row.Parties[0].Values[customer.PartyOrigin].Text != "Import" {
				t.Errorf("%s has another origin", row.Key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, entity := range customer.Entities {
		if counts[entity.Name] == 0 {
			t.Errorf("there is no %s", entity.Name)
		}
	}
}

func checkText(t *testing.T, key, text string) {
	t.Helper()
	if strings.Contains(text, "@") || strings.Contains(text, "http") || strings.Contains(text, "www.") {
		if !strings.HasSuffix(text, ".example") || strings.Count(text, "@") > 1 {
			t.Errorf("%s has the address %q", key, text)
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\x1f' }) {
		t.Errorf("%s has a control character: %q", key, text)
	}
	if strings.HasPrefix(text, "+") && !isFictionalPhone(text) {
		t.Errorf("%s has the number %s", key, text)
	}
}

func isFictionalPhone(number string) bool {
	for _, c := range countries {
		if c.phone != "" && strings.HasPrefix(number, c.phone) && len(number) == len(c.phone)+c.open {
			return true
		}
	}
	return false
}

func TestStemsDiffer(t *testing.T) {
	w := newWorld(Options{Seed: 9})
	seen := map[string]int{}
	for n := 1; n <= 200_000; n++ {
		for _, word := range []string{w.stem(n), w.count(n)} {
			if other, again := seen[word]; again {
				t.Fatalf("%d and %d are both %q", n, other, word)
			}
			seen[word] = n
		}
	}
}

// Whoever reads rows meets every field, and most of them absent as well.
func TestEveryFieldIsGivenAndAbsent(t *testing.T) {
	given, absent := map[string]bool{}, map[string]bool{}
	see := func(name string, present bool) {
		if present {
			given[name] = true
		} else {
			absent[name] = true
		}
	}
	err := Rows(Options{Seed: 5, Customers: 800}, func(entity *customer.Entity, row *customer.Row) error {
		if entity.Name == "party" {
			for i, field := range customer.PartyFields {
				see("party."+field.Name, row.Parties[0].Values[i].Present)
			}
			return nil
		}
		parties := 0
		for i, field := range entity.Fields {
			present := row.Values[i].Present
			if field.Kind == customer.Party {
				present = row.Parties[parties].Key != ""
				parties++
			}
			see(entity.Name+"."+field.Name, present)
			if field.Required && !present {
				t.Errorf("%s has no %s", row.Key, field.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, entity := range Entities() {
		for _, field := range entity.Fields {
			name := entity.Name + "." + field.Name
			if entity.Name != "party" && !given[name] {
				t.Errorf("no row gives %s", name)
			}
		}
	}
	for _, field := range customer.PartyFields {
		name := "party." + field.Name
		if !given[name] {
			t.Errorf("no row gives %s", name)
		}
	}
	for _, name := range []string{"party.country", "party.email", "party.born", "transaction.productCost", "complaint.resolved", "interaction.cost", "edition.cancelled"} {
		if !absent[name] {
			t.Errorf("no row leaves %s absent", name)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	rows := 0
	for b.Loop() {
		err := Rows(Options{Seed: 1, Customers: 1000}, func(*customer.Entity, *customer.Row) error { rows++; return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
