package main

import (
	"context"

	"fmt"
	"time"

	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/store"
)

// benchExpression is what is asked of all profiles: of each kind of value one.
const benchExpression = "'Exhibitor' in customer.roles && customer.participations >= 3 && customer.revenue > 4000.00 && (customer.openComplaints == 0 || customer.netPromoterScore >= 7) && customer.lastContact < daysAgo(1000)"

// statementOfSegment counts the same by hand; $1 is the midnight a thousand days ago.
const statementOfSegment = `SELECT count(*) FROM customer_profile p
WHERE p.roles & 1 <> 0 AND p.participations >= 3 AND p.revenue > 400000 AND (p.open_complaints = 0 OR p.net_promoter_score >= 7) AND p.last_contact < $1`

// segmentFigures are those of one run.
type segmentFigures struct{ bare, baseline, unchanged, changed, incremental time.Duration }

// segment measures one: counted by hand, evaluated for the first time, for everybody
// while nothing changed and after something did, and after a refresh of some customers.
func (b *profileBench) segment(ctx context.Context, run int) (f segmentFigures, err error) {
	program, err := audience.Compile(benchExpression, audience.Catalog{CurrencyDigits: 2})
	if err != nil {
		return f, err
	}
	segment := store.Segment{Name: fmt.Sprint("bench-", run), Definition: benchExpression, Predicate: program.Predicate()}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var members int64
	count := func() error {
		return b.db.QueryRowContext(ctx, b.text(statementOfSegment), today.AddDate(0, 0, -1000).UnixMilli()).Scan(&members)
	}
	var done store.Evaluated
	// The manager keeps its connections, as the one that counts is kept.
	day := 0
	opened, err := store.Open(ctx, b.url, store.Options{Now: func() time.Time { return today.AddDate(0, 0, day) }})
	if err != nil {
		return f, err
	}
	defer opened.Close()
	// On another day everybody is looked at.
	evaluate := func(on int) func() error {
		return func() (err error) {
			day = on
			done, err = opened.Evaluate(ctx, segment)
			return err
		}
	}
	for _, step := range []struct {
		into *time.Duration
		do   func() error
		// before is not measured.
		before func() error
		fits   func() bool
	}{
		// The first count has the pages read.
		{into: new(time.Duration), do: count},
		{into: &f.bare, do: count},
		{into: &f.baseline, do: evaluate(0), fits: func() bool { return done.Baseline && done.Members == members }},
		{into: &f.incremental, do: evaluate(0), before: func() error { return b.refreshChanged(ctx, run) }, fits: func() bool { return done.Looked == changedCustomers }},
		{into: &f.unchanged, do: evaluate(1), fits: func() bool { return done.Looked == -1 }},
		{into: &f.changed, do: evaluate(2), before: func() error { return b.leave(ctx) }, fits: func() bool { return done.Looked == -1 && done.Left > 0 }},
	} {
		if step.before != nil {
			if err := step.before(); err != nil {
				return f, err
			}
			if err := b.settle(ctx); err != nil {
				return f, err
			}
		}
		began := time.Now()
		if err := step.do(); err != nil {
			return f, err
		}
		*step.into = time.Since(began)
		if step.fits != nil && !step.fits() {
			return f, fmt.Errorf("the evaluation did %+v; %d members by hand", done, members)
		}
	}
	return f, nil
}

// refreshChanged has some customers refreshed.
func (b *profileBench) refreshChanged(ctx context.Context, run int) error {
	if err := b.change(ctx, run+1_000); err != nil {
		return err
	}
	return b.refresh(ctx)
}

// leave takes revenue away from some.
func (b *profileBench) leave(ctx context.Context) error {
	return b.exec(ctx, fmt.Sprintf(`UPDATE customer_profile SET revenue = 0 WHERE customer_id %% %d = 0`, max(1, b.customers/changedCustomers)))
}

// text has the parameters as the driver wants them.
func (b *profileBench) text(statement string) string {
	if b.driver == "sqlite" {
		return statement[:len(statement)-2] + "?1"
	}
	return statement
}
