package audience

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// fact is one of a population's facts, as cel-go sees it.
type fact struct {
	id, customer int64
	*record
}

// factsOf are random facts of all kinds, in both databases and for cel-go, by kind.
func factsOf(p *population) map[string][]fact {
	p.t.Helper()
	for name, d := range p.databases {
		if err := d.store.ReportIn(p.t.Context(), "GBP"); err != nil {
			p.t.Fatalf("%s: %v", name, err)
		}
	}
	day := func(year int, month time.Month, day int) int64 {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	f := &facts{population: p, all: map[string][]fact{}, editions: []heldEdition{
		{id: 1, series: "Fair", edition: "2024", opens: day(2024, 7, 1), closes: day(2024, 7, 4), there: []string{"Contracted", "Paid", "Attended"}},
		{id: 2, series: "Fair", edition: "2026", opens: day(2026, 7, 1), closes: day(2026, 7, 4), there: []string{"Attended"}},
		{id: 3, series: "Expo", edition: "2025", opens: day(2025, 3, 1), closes: day(2025, 3, 2), cancelled: true},
		{id: 4, series: "日本", edition: "", there: []string{"Attended"}},
	}}
	for _, e := range f.editions {
		row := map[string]any{"id": e.id, "series": e.series, "edition": e.edition, "cancelled": e.cancelled}
		if e.opens != 0 {
			row["opens"], row["closes"] = e.opens, e.closes
		}
		p.insert("edition", row)
	}
	for id := range int64(populationSize) {
		f.participations(id + 1)
		for range p.random.IntN(3) {
			f.recorded(customer.FactBooking, "booking", id+1)
			f.recorded(customer.FactTransaction, "transaction_entry", id+1)
			f.recorded(customer.FactFeedback, "feedback", id+1)
			f.recorded(customer.FactTraining, "interaction", id+1)
		}
		f.referral(id + 1)
	}
	return f.all
}

// facts are being recorded.
type facts struct {
	*population
	all      map[string][]fact
	editions []heldEdition
	// last is the number of the fact that was recorded last.
	last int64
}

// heldEdition is an edition; those with a status of there took part.
type heldEdition struct {
	id              int64
	series, edition string
	opens, closes   int64
	cancelled       bool
	there           []string
}

func (e heldEdition) of(r *record) {
	r.fields["series"], r.fields["edition"] = types.String(e.series), types.String(e.edition)
}

// recorded records a fact that has a row of its own.
func (f *facts) recorded(kind, table string, of int64) {
	f.last++
	columns, r := f.row(customer.FactFields[kind], factType)
	for _, name := range []string{"series", "edition", "status"} {
		delete(columns, name)
		delete(r.fields, name)
	}
	maps.Copy(columns, map[string]any{
		"id": f.last, "source_id": int64(1), "external_key": fmt.Sprint(f.last), "customer_id": of, "customer_record_id": of, "digest": int64(0), "import_id": int64(0),
	})
	if e := f.editions[f.random.IntN(len(f.editions))]; kind == customer.FactBooking || f.random.IntN(3) > 0 {
		columns["edition_id"] = e.id
		e.of(r)
	}
	switch kind {
	case customer.FactBooking:
		// Who books a stand or a ticket takes part as well: of that other tests tell.
		product := []string{"Advertising", "Service"}[f.random.IntN(2)]
		columns["currency"], columns["product"], r.fields["product"] = "GBP", product, types.String(product)
	case customer.FactTransaction:
		columns["currency"] = "GBP"
	case customer.FactTraining:
		columns["method"] = customer.MethodTraining
	}
	f.insert(table, columns)
	if kind == customer.FactBooking {
		r.fields["status"] = types.String("Contracted")
		if f.random.IntN(3) > 0 {
			status := customer.BookingStatuses[f.random.IntN(len(customer.BookingStatuses))]
			r.fields["status"] = types.String(status)
			f.insert("booking_status", map[string]any{"id": f.last, "source_id": int64(1), "external_key": fmt.Sprint(f.last), "booking_id": f.last, "status": status, "at": int64(0), "digest": int64(0), "import_id": int64(0)})
		}
	}
	f.all[kind] = append(f.all[kind], fact{f.last, of, r})
}

// participations records some by lists.
func (f *facts) participations(of int64) {
	for _, e := range f.editions {
		for number, role := range customer.Roles[:3] {
			if f.random.IntN(2) == 0 {
				continue
			}
			status := customer.BookingStatuses[f.random.IntN(len(customer.BookingStatuses))]
			row := map[string]any{"customer_id": of, "customer_record_id": of, "edition_id": e.id, "role": role, "status": status, "digest": int64(0), "import_id": int64(0), "currency": "GBP"}
			r := &record{kind: factType, fields: map[string]ref.Val{"role": types.String(role), "status": types.String(status), "tookPart": types.Bool(slices.Contains(e.there, status))}}
			e.of(r)
			if e.opens != 0 {
				r.fields["at"] = types.Timestamp{Time: time.UnixMilli(e.opens).UTC()}
			}
			if f.random.IntN(3) > 0 {
				area, value := f.value(customer.Decimal, 2, nil)
				row["area"] = area
				if slices.Contains([]string{"Contracted", "Paid", "Attended"}, status) {
					r.fields["boothArea"] = value
				}
			}
			if f.random.IntN(3) > 0 {
				price, value := f.value(customer.Money, 2, nil)
				row["list_price"], row["net"] = price, price
				if slices.Contains([]string{"Contracted", "Paid", "Attended", "NoShow"}, status) {
					r.fields["listPrice"], r.fields["net"] = value, value
				}
			}
			f.insert("participation", row)
			f.all[customer.FactParticipation] = append(f.all[customer.FactParticipation], fact{e.id*64 + int64(number), of, r})
		}
	}
}

// referral records that somebody recommended a customer; each is recommended once.
func (f *facts) referral(referred int64) {
	f.last++
	by := 1 + f.random.Int64N(populationSize)
	columns, r := f.row(customer.FactFields[customer.FactReferral], factType)
	for _, name := range []string{"series", "edition", "converted"} {
		delete(columns, name)
		delete(r.fields, name)
	}
	since, is := f.customers[referred].fields["relationshipSince"].(types.Timestamp)
	r.fields["converted"] = types.Bool(is && by != referred && !since.Before(r.fields["at"].(types.Timestamp).Time))
	maps.Copy(columns, map[string]any{
		"id": f.last, "source_id": int64(1), "external_key": fmt.Sprint(f.last), "referrer_id": by, "referrer_record_id": by, "referred_id": referred, "referred_record_id": referred, "digest": int64(0), "import_id": int64(0),
	})
	f.insert("referral", columns)
	f.all[customer.FactReferral] = append(f.all[customer.FactReferral], fact{f.last, by, r})
}

// rule is an accrual rule, as it is written.
type rule struct{ kind, where, points string }

func (r rule) String() string { return fmt.Sprintf("%s where %s: %s", r.kind, r.where, r.points) }

// earned are the points of facts by customers and numbers, and how many facts of each customer earn
// nothing for want of something.
type earned struct{ points, wanting map[[2]int64]int64 }

// meantBy is what cel-go itself makes of a rule.
func (r rule) meantBy(p *population, facts []fact, rounding store.Rounding) earned {
	p.t.Helper()
	programOf := func(text string) cel.Program {
		catalog := testCatalog
		catalog.fact = r.kind
		env, err := environment(catalog, bind(p.today))
		if err != nil {
			p.t.Fatal(err)
		}
		checked, problem := check(env, text, catalog)
		if problem != nil {
			p.t.Fatalf("%s: %v", text, problem)
		}
		widen(checked)
		program, err := env.Program(checked)
		if err != nil {
			p.t.Fatalf("%s: %v", text, err)
		}
		return program
	}
	where, points := programOf(r.where), programOf(r.points)
	e := earned{map[[2]int64]int64{}, map[[2]int64]int64{}}
	for _, f := range facts {
		given := map[string]any{"customer": p.customers[f.customer], "fact": f.record}
		if result, _, err := where.Eval(given); err != nil || result != types.True {
			continue
		}
		result, _, err := points.Eval(given)
		if whole, is := result.(types.Int); err == nil && is {
			result = decimalResult(timesTen(int64(whole), decimalDigits))
		}
		amount, is := result.(decimal)
		switch dated := f.fields["at"] != nil; {
		case err != nil || !is || amount < 0 || amount > store.MostPoints*store.PointUnits || !dated:
			e.wanting[[2]int64{f.customer}]++
		case roundedTo(int64(amount), rounding) > 0:
			e.points[[2]int64{f.customer, f.id}] = roundedTo(int64(amount), rounding)
		}
	}
	return e
}

// roundedTo rounds points as a program says.
func roundedTo(points int64, rounding store.Rounding) int64 {
	unit := int64(math.Pow10(decimalDigits - rounding.Decimals))
	whole, rest := points/unit, points%unit
	if rounding.Mode == store.RoundUp && rest > 0 || rounding.Mode == store.RoundHalfUp && 2*rest >= unit {
		whole++
	}
	return whole * unit
}

// found is what a database makes of a program with one rule, under a name of its own.
func found(p *population, d *filled, name string, accrual *store.Accrual, rounding store.Rounding) (e earned, err error) {
	accrual.Rule = "rule"
	program := store.Program{Name: name, Definition: name, Eligible: store.Predicate{Condition: "TRUE"}, Asks: accrual.Asks, Accruals: []store.Accrual{*accrual}, Rounding: rounding, Terms: store.Terms{Tiers: []store.Tier{{Name: "Bronze"}}}}
	if _, err := d.store.Accrue(p.t.Context(), program); err != nil {
		return e, err
	}
	const of = " WHERE program_id = (SELECT id FROM loyalty_program WHERE name = "
	if e.points, err = d.sums(p, "SELECT customer_id, fact_id, sum(points) FROM points_entry"+of+d.number(1)+") GROUP BY customer_id, fact_id", name); err == nil {
		e.wanting, err = d.sums(p, "SELECT customer_id, 0, unearned FROM loyalty_member"+of+d.number(1)+") AND unearned > 0", name)
	}
	for _, table := range []string{"points_entry", "loyalty_member"} {
		if err == nil {
			_, err = d.raw.ExecContext(p.t.Context(), "DELETE FROM "+table)
		}
	}
	return e, err
}

// sums reads numbers by two numbers.
func (d *filled) sums(p *population, question string, args ...any) (map[[2]int64]int64, error) {
	rows, err := d.raw.QueryContext(p.t.Context(), question, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sums := map[[2]int64]int64{}
	for rows.Next() {
		var of [2]int64
		var sum int64
		if err := rows.Scan(&of[0], &of[1], &sum); err != nil {
			return nil, err
		}
		sums[of] = sum
	}
	return sums, rows.Err()
}

// rule is a random rule over facts of the generator's kind.
func (g generator) rule(depth int) rule {
	return rule{g.fact, g.truth(depth), g.of(g.decimal(depth), g.decimal(depth), g.whole(depth))}
}

// TestAccrualAgreement holds both databases to what cel-go itself makes of random rules: which facts
// earn, how many points, and which earn nothing for want of something.
func TestAccrualAgreement(t *testing.T) {
	rules, seed := randomly(t, 120)
	p := newPopulation(t, seed)
	all := factsOf(p)
	random := rand.New(rand.NewPCG(seed, 3))
	earning, wanting, refused := map[string]int{}, 0, 0
	for n := range rules {
		kind := customer.FactKinds[n%len(customer.FactKinds)]
		r := generator{random, kind}.rule(n / len(customer.FactKinds) % 4)
		if random.IntN(4) == 0 {
			r.where = "true"
		}
		rounding := store.Rounding{Mode: []string{store.RoundDown, store.RoundHalfUp, store.RoundUp}[random.IntN(3)], Decimals: random.IntN(7)}
		accrual, err := CompileAccrual(r.kind, r.where, r.points, testCatalog)
		if err != nil {
			refused++
			if !slices.ContainsFunc([]string{"operations", "characters", "goes with", "no role", "never takes points away"}, func(text string) bool { return strings.Contains(err.Error(), text) }) {
				t.Fatalf("%s\nis refused: %v", r, err)
			}
			continue
		}
		want := r.meantBy(p, all[kind], rounding)
		if len(want.points) > 0 {
			earning[kind]++
		}
		if len(want.wanting) > 0 {
			wanting++
		}
		for name, d := range p.databases {
			got, err := found(p, d, fmt.Sprint("case ", n), accrual, rounding)
			if err != nil {
				t.Fatalf("%s\nbreaks %s: %v\n%s\n%s", r, name, err, accrual.Where, accrual.Points)
			}
			if !maps.Equal(got.points, want.points) || !maps.Equal(got.wanting, want.wanting) {
				t.Errorf("%s\nrounded %+v, %s says %v, and of none %v\ncel-go says %v, and of none %v\n%s\n%s\n%v", r, rounding, name, got.points, got.wanting, want.points, want.wanting, accrual.Where, accrual.Points, accrual.Parameters)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d rules: %v of the kinds earned something, of %d a fact earned nothing for want of something; %d were refused", rules, earning, wanting, refused)
	for _, kind := range customer.FactKinds {
		if earning[kind] < rules/len(customer.FactKinds)/5 {
			t.Errorf("only %d rules for facts of the kind %s earned anything", earning[kind], kind)
		}
	}
	if wanting < rules/6 {
		t.Errorf("only for %d of %d rules something was wanting", wanting, rules)
	}
}
