package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// benchProgram gives points for what most customers of the bench have: participations, by a list
// or a booking, amounts in two currencies, and answers.
var benchProgram = crm.LoyaltyProgramSpec{
	Eligible: "'Exhibitor' in customer.roles",
	Accrual: []crm.AccrualRule{
		{Name: "exhibiting", Fact: crm.FactParticipation, Where: "fact.role == 'Exhibitor' && fact.tookPart", Points: "100"},
		{Name: "revenue", Fact: crm.FactTransaction, Points: "fact.revenue * 0.01"},
		{Name: "answers", Fact: crm.FactFeedback, Where: "has(fact.score)", Points: "5"},
	},
	ExpireAfterMonths:    ptr.To[int32](60),
	DowngradeGraceMonths: 12,
	Tiers: []crm.Tier{
		{Name: "Bronze", FromPoints: 0}, {Name: "Silver", FromPoints: 400, BoothDiscountPercent: 5}, {Name: "Gold", FromPoints: 1200, BoothDiscountPercent: 10},
	},
}

// bareLots is the table that statementOfLots fills; of participations the number is that of the
// edition and the role, as in the ledger.
const bareLots = `CREATE TABLE bare_lots (customer_id BIGINT NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL, fact_id BIGINT NOT NULL, points BIGINT NOT NULL, earned_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)`

// statementOfLots inserts the same lots as one would by hand; $1 is now. It leaves out roles,
// corrections of editions, erased and merged customers, and all that other programs need. That
// both agree, lot by lot, is checked in every run.
var statementOfLots = `INSERT INTO bare_lots
WITH last_status AS (
	SELECT DISTINCT ON (s.booking_id) s.booking_id, s.status FROM booking_status s WHERE s.withdrawn_at IS NULL ORDER BY s.booking_id, s.at DESC, s.id DESC
), took AS (
	SELECT t.customer_id, t.edition_id FROM (
		SELECT p.customer_id, p.edition_id, 0 AS stood FROM participation p WHERE p.status IN ('Attended', 'Contracted', 'Paid') AND p.withdrawn_at IS NULL
		UNION ALL
		SELECT b.customer_id, b.edition_id, CASE WHEN coalesce(s.status, 'Contracted') IN ('Attended', 'Contracted', 'Paid') THEN 0 ELSE 1 END
		FROM booking b LEFT JOIN last_status s ON s.booking_id = b.id WHERE b.withdrawn_at IS NULL
	) t GROUP BY t.customer_id, t.edition_id HAVING min(t.stood) = 0
), lots AS (
	SELECT t.customer_id, 'exhibiting' AS rule, 'Participation' AS kind, t.edition_id * 64 AS fact_id, 100000000 AS points, e.opens AS earned_at
	FROM took t JOIN edition e ON e.id = t.edition_id WHERE e.closes < $1 AND NOT e.cancelled
	UNION ALL
	SELECT t.customer_id, 'revenue', 'Transaction', t.id, ((CASE WHEN t.currency = 'EUR' THEN t.revenue ELSE ` + convertedByHand("t.revenue", "t") + ` END) * 100 + 500000) / 1000000 * 1000000, t.at
	FROM transaction_entry t WHERE t.withdrawn_at IS NULL
	UNION ALL
	SELECT f.customer_id, 'answers', 'Feedback', f.id, 5000000, f.at FROM feedback f WHERE f.score IS NOT NULL AND f.withdrawn_at IS NULL
)
SELECT l.customer_id, l.rule, l.kind, l.fact_id, l.points, l.earned_at,
	CAST(extract(epoch FROM date_trunc('day', to_timestamp(l.earned_at / 1000) AT TIME ZONE 'UTC') + interval '60 months') AS BIGINT) * 1000
FROM lots l JOIN party p ON p.id = l.customer_id WHERE l.points > 0 AND p.roles & 1 <> 0 AND p.merged_into IS NULL AND p.erased_at IS NULL`

// lotsDiffer counts lots that only one of the two has.
const lotsDiffer = `SELECT count(*) FROM (
	SELECT b.customer_id, b.rule, b.kind, b.fact_id, b.points, b.earned_at, b.expires_at, 1 AS n FROM bare_lots b
	UNION ALL
	SELECT e.customer_id, e.rule, e.kind, e.fact_id, e.points, e.earned_at, e.expires_at, -1 FROM points_entry e
) x GROUP BY x.customer_id, x.rule, x.kind, x.fact_id, x.points, x.earned_at, x.expires_at HAVING sum(x.n) <> 0 LIMIT 1`

// loyaltyFigures are those of one run.
type loyaltyFigures struct {
	bare, first, changed time.Duration
	lots                 int64
}

// loyalty measures a program: its lots by hand, the first computation, and one after some customers
// changed.
func (b *profileBench) loyalty(ctx context.Context, run int) (f loyaltyFigures, err error) {
	program, err := loyalty.Compile(fmt.Sprint("bench-", run), benchProgram, audience.Catalog{CurrencyDigits: 2}, "EUR")
	if err != nil {
		return f, err
	}
	if err := b.exec(ctx, `DROP TABLE IF EXISTS bare_lots`, bareLots, `TRUNCATE points_entry, loyalty_member, loyalty_program`); err != nil {
		return f, err
	}
	now := time.Now()
	s, err := store.Open(ctx, b.url, store.Options{Now: func() time.Time { return now }})
	if err != nil {
		return f, err
	}
	defer s.Close()
	var done store.Accrued
	accrue := func() (err error) { done, err = s.Accrue(ctx, *program); return err }
	for _, step := range []struct {
		into *time.Duration
		do   func() error
		// before is not measured.
		before func() error
		fits   func() error
	}{
		{into: &f.bare, do: func() error { _, err := b.db.ExecContext(ctx, statementOfLots, now.UnixMilli()); return err }},
		{into: &f.first, do: accrue, fits: func() error { return b.sameLots(ctx, &f.lots) }},
		{into: &f.changed, do: accrue, before: func() error { return b.refreshChanged(ctx, run+100) }, fits: func() error {
			if done.Looked != changedCustomers || done.Posted != changedCustomers {
				return fmt.Errorf("the accrual did %+v", done)
			}
			return nil
		}},
	} {
		if step.before != nil {
			if err := step.before(); err != nil {
				return f, err
			}
		}
		if err := b.settle(ctx); err != nil {
			return f, err
		}
		began := time.Now()
		if err := step.do(); err != nil {
			return f, err
		}
		*step.into = time.Since(began)
		if step.fits != nil {
			if err := step.fits(); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// sameLots demands that the ledger has the lots that were counted by hand, and counts them.
func (b *profileBench) sameLots(ctx context.Context, lots *int64) error {
	if err := b.db.QueryRowContext(ctx, `SELECT count(*) FROM points_entry`).Scan(lots); err != nil {
		return fmt.Errorf("counting lots: %w", err)
	}
	var differ int64
	if err := b.db.QueryRowContext(ctx, `SELECT count(*) FROM (`+lotsDiffer+`) x`).Scan(&differ); err != nil {
		return fmt.Errorf("comparing lots with the statement: %w", err)
	}
	if differ > 0 {
		return fmt.Errorf("the ledger and the statement differ")
	}
	return nil
}
