package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

// bareMessages is the table that statementOfFreeze fills.
const bareMessages = `CREATE TABLE bare_message (run_id BIGINT NOT NULL, seq BIGINT NOT NULL, customer_id BIGINT NOT NULL, recipient_id BIGINT NOT NULL, point_id BIGINT NOT NULL,
	address_id BIGINT NOT NULL, locale BIGINT NOT NULL, PRIMARY KEY (run_id, seq))`

// statementOfFreeze finds the same recipients as one would by hand: of each member who is not
// held out the person who answers for marketing, or else anybody, at a mailbox that works, with
// a consent, not suppressed, each mailbox once. It leaves out what a freeze tells beside: who
// was dropped and why, the shards, and a digest. $1 is the run, $2 now, $3 the salt.
var statementOfFreeze = `INSERT INTO bare_message (run_id, seq, customer_id, recipient_id, point_id, address_id, locale)
SELECT $1, row_number() OVER (ORDER BY coalesce(p.time_zone, ''), x.address_id), x.customer_id, x.recipient_id, x.point_id, x.address_id, 0
FROM (
	SELECT DISTINCT ON (b.address_id) b.customer_id, b.recipient_id, b.point_id, b.address_id
	FROM (
		SELECT DISTINCT ON (m.customer_id) m.customer_id, f.person_id AS recipient_id, k.id AS point_id, k.address_id
		FROM segment_member m JOIN affiliation f ON f.organization_id = m.customer_id JOIN party p ON p.id = f.person_id
			JOIN contact_point k ON k.party_id = f.person_id AND k.medium = 'Email' AND k.withdrawn_at IS NULL AND coalesce(k.state, 'Unknown') IN ('Unknown', 'Valid')
		WHERE m.segment = 'bench' AND f.withdrawn_at IS NULL AND p.erased_at IS NULL
			AND ` + heldOutByHand + ` >= 500
		ORDER BY m.customer_id, CASE WHEN coalesce(f.roles, 0) & ` + fmt.Sprint(customer.Bit(customer.ContactRoles, "Marketing")) + ` <> 0 THEN 0 ELSE 1 END, f.is_primary DESC NULLS LAST, f.person_id
	) b JOIN address a ON a.id = b.address_id
	WHERE EXISTS (SELECT 1 FROM consent c WHERE c.person_id = b.recipient_id AND c.topic = 'newsletter' AND c.medium = 'Email' AND c.withdrawn_at IS NULL
			AND c.given <= $2 AND (c.withdrawn IS NULL OR c.withdrawn > $2) AND (c.expires IS NULL OR c.expires > $2))
		AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address_hash = a.hash AND s.medium = 'Email' AND s.scope IN ('All', 'Promotional') AND s.withdrawn_at IS NULL AND (s.expires IS NULL OR s.expires > $2))
	ORDER BY b.address_id, b.customer_id
) x JOIN party p ON p.id = x.recipient_id`

// heldOutByHand places a customer among 10000, by some hash.
const heldOutByHand = `((m.customer_id % 2147483629 * 1566083941 + $3) % 2147483629 * (m.customer_id % 65521 + 1) % 2147483587 % 10000)`

// freezeFigures are those of one run.
type freezeFigures struct{ bare, first, again time.Duration }

// benchFreezing measures freezing an audience against one statement by hand.
func benchFreezing(ctx context.Context, server *postgres.Server, customers, runs int) error {
	var all []freezeFigures
	for n := range runs {
		f, err := freezeOnce(ctx, server, customers)
		if err != nil {
			return fmt.Errorf("run %d: %w", n+1, err)
		}
		all = append(all, f)
		fmt.Fprintf(os.Stderr, "freezing %d, run %d: statement %.2f s, freeze %.2f s the first time, then %.2f s\n", customers, n+1, f.bare.Seconds(), f.first.Seconds(), f.again.Seconds())
	}
	fmt.Fprintf(os.Stdout, "\nFreezing an audience: ratios to one INSERT ... SELECT by hand, minimum / median / maximum of %d runs\n", runs)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "customers\tstatement, s\tfreeze\tthe first, which names mailboxes\t")
	fmt.Fprintf(table, "%d\t%s\t%s\t%s\t\n", customers,
		spread(all, func(f freezeFigures) float64 { return f.bare.Seconds() }, 2),
		spread(all, func(f freezeFigures) float64 { return f.again.Seconds() / f.bare.Seconds() }, 2),
		spread(all, func(f freezeFigures) float64 { return f.first.Seconds() / f.bare.Seconds() }, 2))
	return table.Flush()
}

func freezeOnce(ctx context.Context, server *postgres.Server, customers int) (f freezeFigures, err error) {
	url, err := server.CreateDatabase(ctx)
	if err != nil {
		return f, err
	}
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return f, err
	}
	defer s.Close()
	if _, _, err := s.Migrate(ctx); err != nil {
		return f, err
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return f, err
	}
	defer db.Close()
	if err := carryOut(ctx, db, append(audienceRows(customers), bareMessages)); err != nil {
		return f, err
	}
	freeze := func(key string) (took time.Duration, recipients int64, err error) {
		began := time.Now()
		run, err := s.Freeze(ctx, store.Freeze{
			Key: key, Owner: store.RunOwner{UID: "bench"}, Plan: "{}", Medium: "Email", Topic: "newsletter", NeedsConsent: true, Promotional: true, Holdout: 500, HoldoutKey: "bench",
			Audience: store.Audience{Include: []store.SegmentChoice{{Name: "bench"}}, ContactRoles: []string{"Marketing"}},
		})
		if err != nil {
			return 0, 0, err
		}
		return time.Since(began), run.Recipients, nil
	}
	var recipients int64
	if f.first, _, err = freeze("first"); err != nil {
		return f, err
	}
	if err := carryOut(ctx, db, nil); err != nil {
		return f, err
	}
	byHand, err := freezeByHand(ctx, db, &f.bare)
	if err != nil {
		return f, err
	}
	if f.again, recipients, err = freeze("again"); err != nil {
		return f, err
	}
	// The hashes of the holdouts differ, and so some of a hundred recipients.
	if difference := recipients - byHand; difference*50 > recipients || -difference*50 > recipients {
		return f, fmt.Errorf("by hand there are %d recipients, and %d were frozen", byHand, recipients)
	}
	return f, nil
}

// freezeByHand carries the statement out, with the settings that a freeze has.
func freezeByHand(ctx context.Context, db *sql.DB, took *time.Duration) (recipients int64, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`); err != nil {
		return 0, err
	}
	began := time.Now()
	inserted, err := tx.ExecContext(ctx, statementOfFreeze, 1, time.Now().UnixMilli(), 4711)
	if err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	*took = time.Since(began)
	return inserted.RowsAffected()
}
