package audience

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/cel-go/common/types"

	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, started *postgres.Server) error {
		server = started
		return nil
	}))
}

// meant are the customers for whom cel-go itself finds an expression true.
func (p *population) meant(expression string) []int64 {
	p.t.Helper()
	env, err := environment(testCatalog, bind(p.today))
	if err != nil {
		p.t.Fatal(err)
	}
	checked, problem := check(env, expression, testCatalog)
	if problem != nil {
		p.t.Fatalf("%s: %v", expression, problem)
	}
	widen(checked)
	program, err := env.Program(checked)
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	var meant []int64
	for id, c := range p.customers {
		if result, _, err := program.Eval(map[string]any{"customer": c}); err == nil && result == types.True {
			meant = append(meant, id)
		}
	}
	slices.Sort(meant)
	return meant
}

// picked are the customers whom a database picks, under a name of its own.
func (p *population) picked(d *filled, name string, program *Program) ([]int64, error) {
	_, err := d.store.Evaluate(p.t.Context(), store.Segment{Name: name, Definition: name, Predicate: program.Predicate(), Asks: program.Segments()})
	if err != nil {
		return nil, err
	}
	rows, err := d.raw.QueryContext(p.t.Context(), "SELECT customer_id FROM segment_member WHERE segment = "+d.number(1)+" ORDER BY customer_id", name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var picked []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		picked = append(picked, id)
	}
	return picked, rows.Err()
}

// explains demands that an explanation says of somebody what the membership says.
func (p *population) explains(d *filled, name, expression string, members []int64) {
	p.t.Helper()
	if p.random.IntN(8) > 0 {
		return
	}
	explanation, err := Explain(expression, testCatalog)
	if err != nil {
		p.t.Fatalf("%s\ncannot be explained: %v", expression, err)
	}
	id := 1 + p.random.Int64N(populationSize)
	values, err := d.store.Ask(p.t.Context(), fmt.Sprint("FL-", id), explanation.Segment(), explanation.Selected())
	if err != nil {
		p.t.Fatalf("%s\ncannot be explained in %s: %v", expression, name, err)
	}
	if lines := explanation.Lines(values); (lines[0].Came == "true") != slices.Contains(members, id) {
		p.t.Errorf("%s\n%s: %d belongs: %v, and the explanation says %+v", expression, name, id, slices.Contains(members, id), lines)
	}
}

// randomly tells how many expressions are tried, of which seed: another number and another seed by
// FAIRLEAD_TEST_EXPRESSIONS and FAIRLEAD_TEST_SEED.
func randomly(t *testing.T, many int) (expressions int, seed uint64) {
	t.Helper()
	expressions, seed = many, 1
	if text := os.Getenv("FAIRLEAD_TEST_EXPRESSIONS"); text != "" {
		var err error
		if expressions, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("FAIRLEAD_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return expressions, seed
}

// TestAgreement holds both databases to what cel-go itself makes of random
// expressions, and of each with "not" before it, so that absent is told from false.
func TestAgreement(t *testing.T) {
	expressions, seed := randomly(t, 300)
	p := newPopulation(t, seed)
	g := generator{Rand: rand.New(rand.NewPCG(seed, 2))}
	someAndNotAll, refused := 0, 0
	for n := range expressions {
		expression := g.truth(1 + n%4)
		for which, asked := range []string{expression, "!(" + expression + ")"} {
			program, err := Compile(asked, testCatalog)
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "operations") && !strings.Contains(err.Error(), "characters") && !strings.Contains(err.Error(), "goes with") && !strings.Contains(err.Error(), "no role") {
					t.Fatalf("%s\nis refused: %v", asked, err)
				}
				continue
			}
			want := p.meant(asked)
			if len(want) > 0 && len(want) < len(p.customers) {
				someAndNotAll++
			}
			for name, d := range p.databases {
				got, err := p.picked(d, fmt.Sprintf("case %d-%d", n, which), program)
				if err != nil {
					t.Fatalf("%s\nbreaks %s: %v\n%s", asked, name, err, program.Predicate().Condition)
				}
				p.explains(d, name, asked, want)
				if !slices.Equal(got, want) {
					t.Errorf("%s\n%s picks %v\ncel-go picks %v\n%s %v", asked, name, got, want, program.Predicate().Condition, program.Predicate().Parameters)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d expressions; %d picked some and not all of %d customers; %d were refused", 2*expressions, someAndNotAll, len(p.customers), refused)
	if someAndNotAll < expressions/4 {
		t.Errorf("only %d of %d expressions picked some and not all", someAndNotAll, 2*expressions)
	}
}
