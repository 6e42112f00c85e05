package audience

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// samples are expressions of config/samples and of the documentation.
var samples = []string{
	"customer.series('Farnborough').participations > 0 && customer.series('Farnborough').missedEditions >= 2",
	"'Exhibitor' in customer.roles",
	"customer.participations > 0",
	"customer.inSegment('relationship', 'TrueFriend') && (customer.netPromoterScore <= 6 || customer.openComplaints > 0)",
	"customer.participated('Farnborough', '2024') && !customer.booked('Farnborough', '2026')",
	"customer.country in ['DE', 'AT', 'CH'] && customer.revenue >= 10000.00",
	"customer.lastContact < daysAgo(90) || !has(customer.lastContact)",
	"['one', 'two'].exists(s, customer.inSegment(s)) || [['one']].exists(l, l.exists(s, customer.inSegment(s, 'A')))",
	"customer.pointsToNextTier('exhibitor-club') <= 100.0 && !customer.booked('Farnborough', '2026') || customer.points('exhibitor-club') >= 500",
	"customer.roles.exists(r, r in ['Exhibitor', 'Sponsor']) && ['one', 'two'].all(l, !customer.onList(l))",
}

// seeds are the expressions that fuzzing begins with.
func seeds() []string {
	all := append(slices.Clone(samples), harmful("'; DROP TABLE party; --")...)
	for _, test := range compiled {
		all = append(all, test.expression)
	}
	for _, test := range refused {
		all = append(all, test.expression)
	}
	g := generator{Rand: rand.New(rand.NewPCG(7, 7))}
	for depth := range 30 {
		all = append(all, g.truth(depth%3))
	}
	return all
}

// FuzzCompile compiles whatever there is. A refusal says where and why; what compiles
// is accepted by both databases, and picks there whom cel-go finds it true for.
func FuzzCompile(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed)
	}
	everybody, runs := newPopulation(f, 3), 0
	f.Fuzz(func(t *testing.T, expression string) {
		p := *everybody
		p.t = t
		asks := Asks(expression)
		for _, asked := range AskedPrograms(expression) {
			asks = append(asks, store.TiersOf(asked))
		}
		if _, err := Compile(expression, Catalog{}); err != nil {
			saysWhere(t, err)
		}
		program, err := Compile(expression, testCatalog)
		if err != nil {
			saysWhere(t, err)
			return
		}
		for _, segment := range program.Segments() {
			if !slices.Contains(asks, segment) {
				t.Errorf("Asks misses segment %s: %v", segment, asks)
			}
		}
		runs++
		for name, d := range p.databases {
			// Segments that it asks for need not be there.
			got, err := p.picked(d, fmt.Sprint("fuzzed ", runs), &Program{predicate: program.predicate})
			if err != nil {
				t.Errorf("it breaks %s: %v\n%s", name, err, program.predicate.Condition)
			} else if len(program.predicate.Editions) == 0 {
				if want := p.meant(expression); !slices.Equal(got, want) {
					t.Errorf("%s picks %v\ncel-go picks %v\n%s %v", name, got, want, program.predicate.Condition, program.predicate.Parameters)
				}
			}
		}
	})
}

func saysWhere(t *testing.T, err error) {
	t.Helper()
	var problem *Problem
	if !errors.As(err, &problem) || problem.Line < 1 || problem.Column < 1 || problem.Reason == "" {
		t.Errorf("%v does not say where or why", err)
	}
}
