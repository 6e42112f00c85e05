package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// RunBoth plays the same random histories to two databases: imports, merges,
// their undoing, decisions, erasures, refreshes and evaluations of segments. Both
// have to say and hold the same.
func RunBoth(t *testing.T, openOne, openOther func(t *testing.T) string) {
	one, other := visit(t, openOne(t)), visit(t, openOther(t))
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			here, there := one.in(t), other.in(t)
			said, saidByOther := play(here, seed), play(there, seed)
			if said != saidByOther {
				t.Fatalf("the two databases answer differently:\n%s", differences(said, saidByOther))
			}
			there.expectDump(here.dump(), "the two databases differ")
			here.expectFollowers("after a history")
		})
	}
}

// Few names, so that they meet: each is written in several ways.
var (
	companies = []string{"Airbus %s", "Boeing %s", "The Rolls-Royce %s", "Müller & Söhne %s", "Safran %s"}
	forms     = []string{"", "Ltd", "Ltd.", "LIMITED"}
	countries = []string{"", "FR", "FR", "GB"}
	people    = []string{"Ada Lovelace", "LOVELACE, Ada", "Grace Hopper", "Dr. Grace Hopper"}
)

func pick[T any](random *rand.Rand, values []T) T { return values[random.IntN(len(values))] }

// randomFiles are files whose rows have keys of their own within the file.
func randomFiles(random *rand.Rand) []*file {
	var files []*file
	for range 4 + random.IntN(4) {
		source := pick(random, []string{"crm", "badges", "ledger"})
		f := from(source, pick(random, []func(*rand.Rand) []*line{randomParties, randomAttendance, randomVisits, randomContacts, randomSuppressions})(random)...)
		files = append(files, f.trusted(pick(random, []int{20, 50, 50, 80})))
	}
	return files
}

func randomName(random *rand.Rand) string {
	return strings.TrimSpace(fmt.Sprintf(pick(random, companies), pick(random, forms)))
}

func randomParties(random *rand.Rand) []*line {
	var lines []*line
	for key := range 12 {
		if random.IntN(3) == 0 {
			continue
		}
		l := organization(randomName(random), pick(random, countries))
		if random.IntN(3) == 0 {
			l = person(pick(random, people), pick(random, countries)).says("born", day(1970+random.IntN(3), 2, 1))
		}
		l.under(fmt.Sprint("K", key)).says("city", fmt.Sprint("City ", random.IntN(3)))
		if random.IntN(2) == 0 {
			l.at(fmt.Sprintf("box%d@example.com", random.IntN(6)))
		}
		if random.IntN(4) == 0 {
			l.says("code", fmt.Sprint("C-", random.IntN(8)))
		}
		if random.IntN(4) == 0 {
			l.attribute("fleet", customer.Decimal, random.IntN(4))
		}
		lines = append(lines, l)
	}
	return append(lines, organization("Vinci", "FR").under("V"))
}

func randomAttendance(random *rand.Rand) []*line {
	var lines []*line
	for i := range 10 {
		l := attended(pick(random, []string{"Farnborough", "Berlin"}), fmt.Sprint(2000+i)).set("area", random.IntN(3))
		if random.IntN(2) == 0 {
			l.who("customer").under(fmt.Sprint("K", random.IntN(12)))
		} else {
			l.customer(randomName(random), pick(random, countries))
		}
		lines = append(lines, l)
	}
	return lines
}

func randomVisits(random *rand.Rand) []*line {
	var lines []*line
	for i := range 8 {
		l := visited("Farnborough", fmt.Sprint(2000+i)).set("firstScan", random.IntN(2))
		if random.IntN(2) == 0 {
			l.at(fmt.Sprintf("box%d@example.com", random.IntN(6)))
		}
		lines = append(lines, l.named(pick(random, people), "").who("organization").named(randomName(random), pick(random, countries)))
	}
	return lines
}

func randomContacts(random *rand.Rand) []*line {
	var lines []*line
	for i := range 8 {
		l := row("interaction").keyed(fmt.Sprint("I-", i)).set("at", day(2024, 1, 1+i)).set("method", "Phone").set("note", fmt.Sprint("note ", random.IntN(2)))
		l.customer(randomName(random), pick(random, countries))
		if random.IntN(2) == 0 {
			l.person(pick(random, people), "").at(fmt.Sprintf("box%d@example.com", random.IntN(6)))
		}
		lines = append(lines, l)
	}
	return lines
}

func randomSuppressions(random *rand.Rand) []*line {
	var lines []*line
	for i := range 4 {
		lines = append(lines, row("suppression").set("medium", "Email").set("address", fmt.Sprintf("Box%d@Example.com", i)).
			set("scope", "All").set("reason", fmt.Sprint("reason ", random.IntN(2))))
	}
	return lines
}

// play runs a random history and gives what the store said to it.
func play(w *world, seed uint64) string {
	w.t.Helper()
	random := rand.New(rand.NewPCG(seed, 3))
	var said strings.Builder
	files := append(randomFiles(random), randomFiles(random)...)
	for range 12 {
		files = append(files, randomProfileFile(random))
	}
	for step, f := range files {
		if random.IntN(5) == 0 {
			f.complete(store.WholeSource)
		}
		result := w.load(f)
		fmt.Fprintln(&said, step, result.Tally, result.rejections)
		for range random.IntN(4) {
			fmt.Fprintln(&said, step, act(w, random))
		}
		if random.IntN(3) == 0 {
			fmt.Fprintln(&said, step, w.refresh())
			for _, s := range historySegments() {
				fmt.Fprintln(&said, step, s.Name, w.evaluate(s))
			}
		}
	}
	w.refresh()
	for _, s := range historySegments() {
		fmt.Fprintln(&said, s.Name, w.evaluate(s))
	}
	return said.String()
}

// act does something to parties that imports do not.
func act(w *world, random *rand.Rand) string {
	w.t.Helper()
	var codes []string
	for _, row := range w.query(`SELECT code FROM party WHERE kind = $1 ORDER BY id`, pick(random, customer.PartyKinds)) {
		codes = append(codes, fmt.Sprint(row["code"]))
	}
	if len(codes) == 0 {
		return "nobody"
	}
	ctx := w.t.Context()
	w.later()
	switch random.IntN(6) {
	case 0, 1:
		id, err := w.Merge(ctx, pick(random, codes), pick(random, codes), "the same", "tester")
		return fmt.Sprint("merge ", id, err)
	case 2:
		return fmt.Sprint("unmerge ", w.Unmerge(ctx, 1+random.Int64N(5), "tester"))
	case 3:
		evidence, err := w.Erase(ctx, pick(random, codes), "asked for it", "tester")
		return fmt.Sprint("erase ", evidence, err)
	default:
		candidates, total, err := w.Candidates(ctx, 0, 10)
		if len(candidates) == 0 {
			return fmt.Sprint("candidates ", total, err)
		}
		chosen := pick(random, candidates)
		if random.IntN(2) == 0 {
			return fmt.Sprint("reject ", chosen, w.RejectCandidate(ctx, chosen.ID, "tester"))
		}
		id, err := w.AcceptCandidate(ctx, chosen.ID, "tester")
		return fmt.Sprint("accept ", chosen, id, err)
	}
}

// expectFollowers makes sure that everything is with the party that its record
// belongs to today, and that records belong to parties that stand.
func (d *database) expectFollowers(when string) {
	d.t.Helper()
	found := 0
	for _, table := range d.tables() {
		columns := d.columns(table)
		for record := range columns {
			party := strings.Replace(record, "_record_id", "_id", 1)
			if _, is := columns[party]; !is || party == record {
				continue
			}
			found++
			wrong := fmt.Sprintf("SELECT count(*) FROM %s f LEFT JOIN party_record r ON r.id = f.%s WHERE f.%[2]s IS NOT NULL AND (r.id IS NULL OR f.%s <> r.party_id)", table, record, party)
			if n := d.number(wrong); n > 0 {
				d.t.Fatalf("%s: %d rows of %s.%s are not with their record's party", when, n, table, party)
			}
		}
	}
	if found < 20 {
		d.t.Fatalf("only %d references to records were found", found)
	}
	if n := d.number(`SELECT count(*) FROM party_record r LEFT JOIN party p ON p.id = r.party_id WHERE p.id IS NULL OR p.merged_into IS NOT NULL`); n > 0 {
		d.t.Fatalf("%s: %d records belong to parties that are merged or not there", when, n)
	}
}
